import type { Position } from './site.ts';

/** How each verb is typed, and where the migration stands then. */
export const VERBS = {
  status: { argv: ['status'], position: 'migrating', writes: false },
  gate: { argv: ['gate'], position: 'drained', writes: false },
  advance: { argv: ['advance', '--to', '60', '--yes'], position: 'migrating', writes: true },
  rollback: { argv: ['rollback'], position: 'migrating', writes: true },
  'rollback after a close': { argv: ['rollback'], position: 'closed', writes: true },
  close: { argv: ['close', '--yes', '--legacy', 'default-api'], position: 'drained', writes: true },
  reopen: { argv: ['reopen'], position: 'closed', writes: true },
  history: { argv: ['history'], position: 'migrating', writes: false },
  doctor: { argv: ['doctor'], position: 'migrating', writes: false },
  stragglers: { argv: ['stragglers'], position: 'drained', writes: false },
  report: { argv: ['report'], position: 'drained', writes: false },
  brownout: { argv: ['brownout', '--percent', '2', '--for', '10m', '--yes'], position: 'drained', writes: true },
} as const satisfies Readonly<
  Record<string, { readonly argv: readonly string[]; readonly position: Position; readonly writes: boolean }>
>;
export type VerbName = keyof typeof VERBS;
export const VERB_NAMES = Object.keys(VERBS) as readonly VerbName[];
