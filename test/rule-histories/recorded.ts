/** The longest times that a plan tells, in seconds, as `crossfade_plan_seconds` and `crossfade_plan_coverage_ratio` do. */
export interface PlanNumbers {
  readonly drainWindow: number;
  readonly sessionHorizon: number;
  readonly clockTolerance: number;
  readonly blind: number;
  readonly coverage: number;
}

/** What one scrape of an instance brought. Times are seconds; 0 for never. */
export interface Sample {
  readonly at: number;
  /** When a later scrape failed or did not find the instance any more: Prometheus then marks its series as stale. */
  staleAt: number;
  readonly process: string;
  readonly processStart: number;
  readonly isFinal: boolean;
  readonly clock: number;
  readonly percent: number;
  readonly legacySeen: number;
  readonly targetSeen: number;
  readonly legacyIssued: number;
  readonly legacyExpiry: number;
  readonly unjudged: number;
  readonly validUnauthorized: number;
  /** `undefined` of a version that does not tell of disagreements. */
  readonly verifiedDisagreement: number | undefined;
  readonly unverifiedDisagreement: number | undefined;
  readonly legacyAccepted: number;
  readonly afterCloseRejected: number;
  readonly plan: PlanNumbers;
}

/** An address that one job scrapes: of one process after another where a container restarts. */
export interface ScrapeTarget {
  readonly service: string;
  readonly job: string;
  readonly instance: string;
  /** In the order of their times. */
  readonly samples: readonly Sample[];
}

/** `crossfade:expected_instances:sum` of a service: one value each 30 s from 0 on; `null` where it is absent. */
export interface ExpectedInstances {
  readonly service: string;
  readonly values: readonly (number | null)[];
}

/** All that Prometheus has of a history. */
export interface Recorded {
  readonly endsAt: number;
  readonly targets: readonly ScrapeTarget[];
  readonly expected: readonly ExpectedInstances[];
  /** When Prometheus was down: no scrape, and no evaluation unless `evaluatesAlways`. */
  readonly stops: readonly Span[];
}

/** Seconds, the end excluded. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export function isWithin(spans: readonly Span[], at: number): boolean {
  return spans.some(({ from, to }) => from <= at && at < to);
}
