import type { Phase } from '../vocabulary/phase.ts';
import type { DrainCheckName } from './drain-check.ts';
import type { GuardName } from './transition.ts';

/** The procedures under `runbooks/`, in the order in which a migration needs them; then those for faults. */
export const RUNBOOKS = [
  'prepare',
  'expand',
  'migrate',
  'rollback',
  'drain',
  'brownout',
  'close',
  'reopen',
  'finish',
  'stragglers',
  'disagreements',
  'rejections-rising',
  'sidecar-down',
  'flag-store-down',
  'key-rotation',
  'fast-path',
] as const;
export type RunbookName = (typeof RUNBOOKS)[number];

/** Where to read on after a guard refused a move. */
export const RUNBOOK_OF_GUARD: Readonly<Record<GuardName, RunbookName>> = {
  flags_match: 'flag-store-down',
  fleet_accepts_target: 'expand',
  answers_clean: 'rejections-rising',
  agrees: 'disagreements',
  expanded: 'disagreements',
  minting: 'migrate',
  acceptance_open: 'reopen',
  fleet_reopened: 'rollback',
  forward_only: 'rollback',
  soaked: 'migrate',
  drained: 'drain',
};

/** Where to read on after a check of the drain gate that does not pass. */
export const RUNBOOK_OF_CHECK: Readonly<Record<DrainCheckName, RunbookName>> = {
  issuance: 'migrate',
  coverage: 'sidecar-down',
  watched: 'drain',
  silence: 'stragglers',
  expiry: 'drain',
  sessions: 'drain',
  target_traffic: 'drain',
  answers: 'rejections-rising',
  disagreements: 'disagreements',
};

/** The procedure to have at hand in a phase. */
export const RUNBOOK_OF_PHASE: Readonly<Record<Phase, RunbookName>> = {
  prepare: 'prepare',
  expand: 'expand',
  migrate: 'migrate',
  drain: 'drain',
  contract: 'finish',
};
