import { AUDIENCE_CLASSES, type AudienceClass, REJECTION_REASONS, type RejectionReason } from '@crossfade/core';
import type { CountedJudgement } from '@crossfade/validator/collector';

/** What was counted of one audience class. Times are 0 for never. */
export interface AudienceCount {
  readonly accepted: number;
  readonly rejected: number;
  /** In ms. Of legacy, target and bridge, valid tokens only: replaying an expired one must not hold a drain open. */
  readonly lastSeenMs: number;
  /** Newest `iat` of an accepted token, in seconds. */
  readonly latestIssuedSeconds: number;
  /** Latest `exp` of an accepted token, in seconds. */
  readonly latestExpirySeconds: number;
  /** Tokens judged valid to which the API responded 401. */
  readonly validUnauthorized: number;
}

/**
 * Counts judgements. Counting costs a few additions to typed arrays; reading (a scrape, `/status`) does the rest of the
 * work. Keeps no token, claim or client.
 */
export interface Meter {
  /** Counts a judged request, or `times` alike ones, the last seen at `nowMs`. */
  count(judgement: CountedJudgement, nowMs: number, times?: number): void;
  /** Counts requests whose token could not be judged, because the issuer's keys were unavailable. */
  countUnavailable(nowMs: number, times?: number): void;
  /** Counts valid tokens to which the API responded 401. */
  countValidUnauthorized(audience: AudienceClass, nowMs: number, times?: number): void;
  audience(audience: AudienceClass): AudienceCount;
  rejections(reason: RejectionReason): number;
  afterCloseRejections(): number;
  unavailable(): number;
  /** When a token last could not be judged, in ms; `null` for never. The meter may have missed tokens until then. */
  lastUnavailableMs(): number | null;
  /** In ms; `null` for never. */
  lastValidUnauthorizedMs(): number | null;
}

const AUDIENCE_INDEX = indexOf(AUDIENCE_CLASSES);
const REASON_INDEX = indexOf(REJECTION_REASONS);
/**
 * Reasons that reject a verified, unexpired token for something other than itself. A bound token is one of them: the
 * API may accept it, so the drain must not miss its client.
 */
const VALID_OTHERWISE: ReadonlySet<RejectionReason> = new Set(['legacy_closed', 'proof_required', 'proof_invalid']);
const ONLY_WHILE_VALID: ReadonlySet<AudienceClass> = new Set(['legacy', 'target', 'bridge']);

export function createMeter(): Meter {
  const perAudience = () => new Float64Array(AUDIENCE_CLASSES.length);
  const accepted = perAudience();
  const rejected = perAudience();
  const lastSeenMs = perAudience();
  const latestIssuedSeconds = perAudience();
  const latestExpirySeconds = perAudience();
  const validUnauthorized = perAudience();
  const reasons = new Float64Array(REJECTION_REASONS.length);
  let afterClose = 0;
  let unavailable = 0;
  let lastUnavailableMs: number | null = null;
  let lastValidUnauthorizedMs: number | null = null;

  return {
    count(judgement, nowMs, times = 1) {
      const index = AUDIENCE_INDEX[judgement.audience];
      if (judgement.outcome === 'accepted') {
        increase(accepted, index, times);
        if (judgement.afterClose === 'rejected') afterClose += times;
        raise(lastSeenMs, index, nowMs);
        raise(latestIssuedSeconds, index, judgement.issuedAt ?? 0);
        raise(latestExpirySeconds, index, judgement.expiresAt);
        return;
      }
      increase(rejected, index, times);
      increase(reasons, REASON_INDEX[judgement.reason], times);
      const valid = VALID_OTHERWISE.has(judgement.reason);
      if (valid || !ONLY_WHILE_VALID.has(judgement.audience)) raise(lastSeenMs, index, nowMs);
    },

    countUnavailable(nowMs, times = 1) {
      increase(rejected, AUDIENCE_INDEX.invalid, times);
      unavailable += times;
      lastUnavailableMs = Math.max(nowMs, lastUnavailableMs ?? 0);
    },

    countValidUnauthorized(audience, nowMs, times = 1) {
      increase(validUnauthorized, AUDIENCE_INDEX[audience], times);
      lastValidUnauthorizedMs = Math.max(nowMs, lastValidUnauthorizedMs ?? 0);
    },

    audience(audience) {
      const index = AUDIENCE_INDEX[audience];
      return {
        accepted: accepted[index] ?? 0,
        rejected: rejected[index] ?? 0,
        lastSeenMs: lastSeenMs[index] ?? 0,
        latestIssuedSeconds: latestIssuedSeconds[index] ?? 0,
        latestExpirySeconds: latestExpirySeconds[index] ?? 0,
        validUnauthorized: validUnauthorized[index] ?? 0,
      };
    },

    rejections: (reason) => reasons[REASON_INDEX[reason]] ?? 0,
    afterCloseRejections: () => afterClose,
    unavailable: () => unavailable,
    lastUnavailableMs: () => lastUnavailableMs,
    lastValidUnauthorizedMs: () => lastValidUnauthorizedMs,
  };
}

function indexOf<Name extends string>(names: readonly Name[]): Readonly<Record<Name, number>> {
  return Object.fromEntries(names.map((name, index) => [name, index])) as Record<Name, number>;
}

function increase(counts: Float64Array, index: number, by: number): void {
  counts[index] = (counts[index] ?? 0) + by;
}

function raise(values: Float64Array, index: number, value: number): void {
  if (value > (values[index] ?? 0)) values[index] = value;
}
