import type { Issuance } from '../vocabulary/switch-position.ts';

/** What one meter (a sidecar, or an instance as Prometheus remembers it) has seen. Times are ms, `null` for never. */
export interface MeterEvidence {
  /** Names the meter in explanations: a URL or an instance label. */
  readonly meter: string;
  /** Since when it has watched without a gap. */
  readonly watchedSinceMs: number;
  /** Of legacy tokens that were accepted. */
  readonly legacy: {
    readonly lastSeenMs: number | null;
    readonly latestIssuedMs: number | null;
    readonly latestExpiryMs: number | null;
  };
  /** Of target tokens that were accepted. */
  readonly target: { readonly lastSeenMs: number | null };
  /** When the API last answered 401 to a token that was judged valid. */
  readonly lastValidUnauthorizedMs: number | null;
}

/** All that the drain gate decides on. */
export interface Evidence {
  readonly issuance: Issuance;
  /** How many meters there should be; `null` when nobody knows. */
  readonly expectedMeters: number | null;
  readonly meters: readonly MeterEvidence[];
}
