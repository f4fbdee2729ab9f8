import type { MigrationPlan, RejectionReason } from '@crossfade/core';
import type { CheckName } from '../doctor/check.ts';
import type { Finding } from '../doctor/finding.ts';
import { type ChecklistEvidence, fails, type ItemOutcome, passes, unknowable } from './checklist-item.ts';
import { countOf } from './refusals.ts';

/** Judges by what the sidecars saw: whether an API took tokens that the plan refuses for one of these reasons. */
export function byTraffic(
  { refusals, plan }: ChecklistEvidence,
  reasons: readonly RejectionReason[],
  what: string,
): ItemOutcome {
  if (refusals !== undefined) {
    const taken = countOf(refusals.taken, reasons);
    if (taken > 0)
      return fails(
        `an API took ${taken} ${taken === 1 ? 'request' : 'requests'} with ${what}`,
        'find the clients with crossfade stragglers, and correct the settings of the API',
      );
    const rejected = countOf(refusals.rejected, reasons);
    if (rejected > 0 && refusals.seesResponses)
      return passes(`${rejected} ${rejected === 1 ? 'request' : 'requests'} had ${what}, and no API took one`);
  }
  if (enforces(plan)) return passes('the sidecar enforces the plan, which demands it, before the API');
  return unknowable(
    refusals === undefined
      ? 'no sidecar can be asked what the APIs took'
      : `the sidecars saw no request with ${what} since they started, or no response to it`,
    `send the API one request with ${what}, which it has to refuse: crossfade verify --target-token-file <path> shows what it does`,
  );
}

/** Whether the plan's sidecar refuses what the plan refuses, whatever the API does. */
export function enforces({ sidecar }: Pick<MigrationPlan, 'sidecar'>): boolean {
  return sidecar?.judge === 'enforce';
}

/** Judges by findings of `crossfade doctor`: the worst of them counts. */
export function byFindings(
  { findings }: ChecklistEvidence,
  checks: readonly CheckName[],
  absent: ItemOutcome,
  keep: (finding: Finding) => boolean = () => true,
): ItemOutcome {
  const own = findings.filter((finding) => checks.includes(finding.check) && keep(finding));
  for (const verdict of ['fail', 'warn'] as const) {
    const bad = own.filter((finding) => finding.verdict === verdict);
    if (bad.length > 0) return fails(detailsOf(bad), bad[0]?.remedy ?? '');
  }
  const unclear = own.filter(({ verdict }) => verdict === 'unknown');
  if (unclear.length > 0) return unknowable(detailsOf(unclear), unclear[0]?.remedy ?? '');
  const passed = own.filter(({ verdict }) => verdict === 'pass');
  if (passed.length > 0) return passes(detailsOf(passed));
  return absent;
}

function detailsOf(findings: readonly Finding[]): string {
  return findings.map(({ detail }) => detail).join('; ');
}

const NO_METADATA = 'no metadata was read: the plan names the keys, or the issuer cannot be reached';

/** Judges every issuer by a field of its metadata (RFC 8414 §2): the worst of them counts. */
export function byMetadata(
  { issuers }: ChecklistEvidence,
  judge: (metadata: Readonly<Record<string, unknown>>, name: string) => ItemOutcome,
  how: string,
): ItemOutcome {
  const told = issuers.flatMap(({ metadata, name }) => (metadata === undefined ? [] : [judge(metadata, name)]));
  if (told.length === 0) return unknowable(NO_METADATA, how);
  const silent = issuers.filter(({ metadata }) => metadata === undefined).map(({ name }) => name);
  if (silent.length > 0) told.push(unknowable(`no metadata of ${silent.join(', ')} was read`, how));
  const order = ['fail', 'unknown', 'pass', 'n/a'];
  return told.reduce((worst, one) => (order.indexOf(one.verdict) < order.indexOf(worst.verdict) ? one : worst));
}

/** Returns a list of names in metadata; `undefined` where the issuer does not tell. */
export function listIn(metadata: Readonly<Record<string, unknown>>, field: string): readonly string[] | undefined {
  const value = metadata[field];
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : undefined;
}

const TAKES_NONE = 'it took no target token, so it may refuse every token';

/** What was refused proves that an API looks at tokens only where it takes a valid one. */
export function whereTargetIsTaken({ probes }: ChecklistEvidence, outcome: ItemOutcome): ItemOutcome {
  const isTaken = probes.every(
    ({ target }) => target !== undefined && 'verdict' in target && target.verdict === 'taken',
  );
  if (outcome.verdict !== 'pass' || isTaken) return outcome;
  return unknowable(
    `${outcome.detail}; but ${TAKES_NONE}`,
    'set CROSSFADE_TARGET_TOKEN to a target token that the API takes, and ask again',
  );
}

/** The outcome where no API was asked, or none responded. */
export const NO_RESPONSE: ItemOutcome = unknowable(
  'no API responded',
  'name the https URL of a path that needs a token, as clients reach it: crossfade doctor --list --api <url>',
);

/** The outcome where no API was asked. */
export const NO_API: ItemOutcome = unknowable(
  'no API was asked',
  'name a path that needs a token: crossfade doctor --list --api <url>',
);
