import type { Issuance } from '../vocabulary/switch-position.ts';

/** The observations of one meter: a sidecar, or an instance as Prometheus remembers it. Times are ms, `null` for never. */
export interface MeterEvidence {
  /** Names the meter in explanations: a URL or an instance label. */
  readonly meter: string;
  /** Start of its current watch without a gap. */
  readonly watchedSinceMs: number;
  /** Of legacy tokens that were accepted. */
  readonly legacy: {
    readonly lastSeenMs: number | null;
    readonly latestIssuedMs: number | null;
    readonly latestExpiryMs: number | null;
  };
  /** Of target tokens that were accepted. */
  readonly target: { readonly lastSeenMs: number | null };
  /** When the API last refused, with 401, a token that was judged valid. */
  readonly lastValidUnauthorizedMs: number | null;
}

/** The input of the drain gate. */
export interface Evidence {
  readonly issuance: Issuance;
  /** How many meters there should be; `null` if unknown. */
  readonly expectedMeters: number | null;
  readonly meters: readonly MeterEvidence[];
}
