import type { Issuance } from '../vocabulary/switch-position.ts';
import type { DrainCheckName } from './drain-check.ts';
import type { DrainPlan } from './drain-verdict.ts';
import type { OpenConnections } from './evidence.ts';

/** What the recording rules remember the last moment of: the label `what` of `crossfade:last:timestamp`. */
export const BAD_MOMENTS = [
  'legacy_seen',
  'legacy_counted',
  'after_close_counted',
  'legacy_issued',
  'legacy_expiry',
  'unjudged',
  'valid_unauthorized',
  'verified_disagreement',
  'unverified_disagreement',
  'issuance_below_100',
] as const;
export type BadMoment = (typeof BAD_MOMENTS)[number];

/** The windows by which the rules judge: those of the meters' own plans. */
export interface RecordedWindows {
  readonly drainWindowMs: number;
  readonly sessionHorizonMs: number;
  readonly clockToleranceMs: number;
  readonly blindMs: number;
  readonly coverage: number;
}

/** A service that lags: not all of its instances are watched, or what they tell is in doubt. */
export interface RecordedService {
  readonly service: string;
  /** How many instances there should be; `null` if unknown. */
  readonly expected: number | null;
  readonly watched: number;
  /** How many of them have run for a while and saw no target token within the window. */
  readonly blind: number;
  /** When any of its instances last saw a target token; `null` for never, absent: unknown. */
  readonly targetLastSeenMs?: number | null;
}

/** Why the watch began when it did. */
export type WatchBegan =
  /** Instances of these services were missing. */
  | { readonly because: 'missing'; readonly services: readonly string[] }
  /** The rules were not evaluated for a while. */
  | { readonly because: 'stopped'; readonly forMs: number }
  /** Nothing was recorded before. */
  | { readonly because: 'first' };

/** Why the rules tell nothing of a migration. */
export type RulesMissing =
  /** Meters are scraped, and no rule made anything of them. */
  | 'not_loaded'
  /** Some rules are loaded, but not those that remember. */
  | 'half_loaded'
  /** The meters are of a release that does not tell its plan. */
  | 'old_sidecars'
  /** No meter of the migration is known. */
  | 'no_meters';

/**
 * The drain of a migration as the recording rules of `deploy/prometheus/crossfade.rules.yml` judge and remember it. Times are
 * ms.
 */
export interface RecordedDrain {
  /** Whether a check passes; absent: inconclusive. */
  readonly checks: Readonly<Partial<Record<DrainCheckName, boolean>>>;
  /** The last bad moments; `null` for never, absent: unknown. */
  readonly last: Readonly<Partial<Record<BadMoment, number | null>>>;
  /** Witnesses that no meter is now: what the gate needs and no series tells. */
  readonly silent: readonly string[];
  /** Since when the fleet is watched without a gap; `null` if it is not. */
  readonly watchedSinceMs: number | null;
  /** Absent: not known. */
  readonly watchBegan?: WatchBegan;
  /** By how much unwatched instance-time outran what `coverage` allows; `null` if unknown. */
  readonly debtMs: number | null;
  /** The share of instance-time that was not watched since the watch began, 0..1; `null` if unknown. */
  readonly unwatchedShare: number | null;
  /** How many processes ended unscraped since the watch began. */
  readonly losses: number;
  /** Those that lag most. */
  readonly services: readonly RecordedService[];
  /** How many services lag beside these. */
  readonly moreServices: number;
  /** Services with a meter whose clock is behind by more than the plan tolerates. */
  readonly slowClocks: readonly { readonly service: string; readonly byMs: number }[];
  /** `null`: no meter tells its plan. */
  readonly windows: RecordedWindows | null;
  /** Tokens that the plan refuses and the API accepted within the window, by reason. Explains; the last moments decide. */
  readonly disagreementReasons: Readonly<Record<string, number>>;
  /** When the rules were last evaluated, or why they were not. */
  readonly rules: { readonly evaluatedMs: number } | { readonly missing: RulesMissing };
}

/** The input of the gate where recording rules judge. */
export interface RecordedEvidence {
  /** By the flag store: what no meter knows. */
  readonly issuance: Issuance;
  readonly recorded: RecordedDrain;
  /** `null` or absent: unknown. Stated, and no reason against a close. */
  readonly openConnections?: OpenConnections | null;
}

/** The part of a plan that the gate needs where recording rules judge. */
export type RecordedDrainPlan = DrainPlan & { readonly gate: { readonly blindMs: number } };
