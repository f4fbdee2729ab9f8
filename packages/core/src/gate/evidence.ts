import type { Issuance } from '../vocabulary/switch-position.ts';

/**
 * Tokens that the plan refuses and the API accepted: their clients are turned away once the validator enforces.
 * Times are ms, `null` for never.
 */
export interface Disagreements {
  /** The last one about a token whose signature was verified as our issuer's, whatever its audience. */
  readonly lastVerifiedMs: number | null;
  /** The last one about a token that cannot be verified. */
  readonly lastUnverifiedMs: number | null;
  /** How many there were, by rejection reason; a newer meter may have further ones. Explains; the times decide. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** The observations of one meter: a sidecar, or an instance as Prometheus remembers it. Times are ms, `null` for never. */
export interface MeterEvidence {
  /** Names the meter in explanations: a URL or an instance label. */
  readonly meter: string;
  /** Start of its current watch without a gap. */
  readonly watchedSinceMs: number;
  /** Of verified, unexpired legacy tokens, accepted or not, and of tokens with both audiences that a close would refuse. */
  readonly legacy: {
    readonly lastSeenMs: number | null;
    readonly latestIssuedMs: number | null;
    readonly latestExpiryMs: number | null;
  };
  /** Of accepted tokens that carry the target audience, alone or together with legacy. */
  readonly target: { readonly lastSeenMs: number | null };
  /** When the API last refused a token that was judged valid. */
  readonly lastValidUnauthorizedMs: number | null;
  /** `null` if the meter does not report them: unknown, not none. */
  readonly disagreements: Disagreements | null;
}

/** Connections that outlive the tokens that opened them, by the class of these tokens. */
export interface OpenConnections {
  readonly legacy: number;
  readonly bridge: number;
}

/** The input of the drain gate. */
export interface Evidence {
  readonly issuance: Issuance;
  /** How many meters there should be; `null` if unknown. */
  readonly expectedMeters: number | null;
  readonly meters: readonly MeterEvidence[];
  /** Of all meters that tell; `null` or absent: unknown. Stated, and no reason against a close. */
  readonly openConnections?: OpenConnections | null;
}
