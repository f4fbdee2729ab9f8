import {
  type Disagreements,
  type DrainVerdict,
  drainVerdict,
  type Issuance,
  type MeterEvidence,
  type MigrationPlan,
  mergeDisagreements,
  type OpenConnections,
  type RecordedDrain,
  recordedVerdict,
} from '@crossfade/core';

/** What the source of a fleet knows of the drain: what each meter saw, or what recording rules made of it. */
export type DrainEvidence =
  | { readonly kind: 'metered'; readonly meters: readonly MeterEvidence[] }
  | { readonly kind: 'recorded'; readonly recorded: RecordedDrain };

/** The part of a fleet's snapshot that the gate needs. */
interface JudgedFleet {
  readonly drain: DrainEvidence;
  readonly expected: number | null;
  readonly openConnections: OpenConnections | null;
}

/** The part of a plan by which the drain is judged. */
export type JudgedPlan = Pick<MigrationPlan, 'legacy' | 'clockToleranceMs' | 'gate' | 'sidecar'>;

/** Judges the drain, in whichever way its source knows of it. */
export function judgeDrain(
  { drain, expected, openConnections }: JudgedFleet,
  issuance: Issuance,
  plan: JudgedPlan,
  nowMs: number,
): DrainVerdict {
  if (drain.kind === 'recorded')
    return recordedVerdict({ issuance, recorded: drain.recorded, openConnections }, plan, nowMs);
  return drainVerdict({ issuance, expectedMeters: expected, meters: drain.meters, openConnections }, plan, nowMs);
}

/** Returns when the fleet last saw a legacy token, in ms; `null` for never. */
export function legacyLastSeenIn(drain: DrainEvidence): number | null {
  if (drain.kind === 'recorded') return drain.recorded.last.legacy_seen ?? null;
  const times = drain.meters.map(({ legacy }) => legacy.lastSeenMs).filter((ms) => ms !== null);
  return times.length === 0 ? null : Math.max(...times);
}

/** Returns the disagreements of the whole fleet, and the meters that do not tell. */
export function disagreementsIn(drain: DrainEvidence): Disagreements & { readonly unknown: readonly string[] } {
  if (drain.kind === 'metered') {
    const unknown = drain.meters.filter(({ disagreements }) => disagreements === null).map(({ meter }) => meter);
    return { ...mergeDisagreements(drain.meters), unknown };
  }
  const { last, disagreementReasons } = drain.recorded;
  return {
    reasons: disagreementReasons,
    lastVerifiedMs: last.verified_disagreement ?? null,
    lastUnverifiedMs: last.unverified_disagreement ?? null,
    unknown: [],
  };
}
