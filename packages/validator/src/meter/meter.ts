import {
  AUDIENCE_CLASSES,
  type AudienceClass,
  type Dependency,
  isVerifiedClass,
  REJECTION_REASONS,
  type RejectionReason,
  type Side,
} from '@crossfade/core';
import type { CountedJudgement } from '../collector/judgement-aggregator.ts';
import type { CountedRejection } from '../collector/rejection-groups.ts';
import { isLegacySeen, seenToken } from './legacy-sighting.ts';

/** What was counted of one audience class. Times are 0 for never. */
export interface AudienceCount {
  readonly accepted: number;
  readonly rejected: number;
  /**
   * In ms. Legacy: of every verified, unexpired token, accepted or not, and of bridge tokens that a close would refuse.
   * Target: of accepted target and bridge tokens. An expired token moves nothing: replaying it must not hold a drain open.
   */
  readonly lastSeenMs: number;
  /** Newest `iat` of these tokens, in seconds; of target, without bridge. */
  readonly latestIssuedSeconds: number;
  /** Latest `exp` of the same tokens, in seconds. */
  readonly latestExpirySeconds: number;
  /** Tokens judged valid that the API refused. */
  readonly validUnauthorized: number;
}

/** Whether a disagreement is about a token that is verified as our issuer's, or about one that anyone can send. */
export type TokenProof = 'verified' | 'unverified';

/** What an API's response to a valid token showed. */
export type ShownResponse = 'accepted' | 'unauthorized';

/**
 * Counts judgements. Counting costs a few additions to typed arrays; reading (a scrape, `/status`) does the rest of the
 * work. Keeps no token, claim or client.
 */
export interface Meter {
  /** Counts a judged request, or `times` alike ones, the last seen at `nowMs`. */
  count(judgement: CountedJudgement, nowMs: number, times?: number): void;
  /** Counts a CORS preflight that passed without being judged. */
  countPreflight(): void;
  /**
   * Counts requests whose token could not be judged, because a dependency was unavailable. One that no dependency is known
   * of counts as `keys`, which every judgement needs.
   */
  countUnavailable(nowMs: number, times?: number, cause?: Dependency): void;
  /** Counts valid tokens that the API refused. */
  countValidUnauthorized(audience: AudienceClass, nowMs: number, times?: number): void;
  /** Counts tokens that were judged invalid and that the API took; not those that the plan acknowledges. */
  countDisagreement(judgement: Pick<CountedRejection, 'audience' | 'reason'>, nowMs: number, times?: number): void;
  /** Notes that the API took or refused a side's valid token. */
  noteApiResponse(side: Side, response: ShownResponse, nowMs: number): void;
  audience(audience: AudienceClass): AudienceCount;
  rejections(reason: RejectionReason): number;
  disagreements(reason: RejectionReason): number;
  /** In ms; `null` for never. */
  lastDisagreementMs(token: TokenProof): number | null;
  /** In ms; `null` for never. */
  apiResponseMs(side: Side, response: ShownResponse): number | null;
  afterCloseRejections(): number;
  preflights(): number;
  unavailable(cause?: Dependency): number;
  /** When a token last could not be judged, in ms; `null` for never. The meter may have missed tokens until then. */
  lastUnavailableMs(): number | null;
  /** In ms; `null` for never. */
  lastValidUnauthorizedMs(): number | null;
}

const AUDIENCE_INDEX = indexOf(AUDIENCE_CLASSES);
const REASON_INDEX = indexOf(REJECTION_REASONS);

/**
 * Creates a meter that counts from 0.
 * @param acknowledged reasons against unverifiable tokens that are no disagreement (`gate.acknowledged`). A verified
 * token is never acknowledged away.
 */
export function createMeter(acknowledged: readonly RejectionReason[] = []): Meter {
  const perAudience = () => new Float64Array(AUDIENCE_CLASSES.length);
  const accepted = perAudience();
  const rejected = perAudience();
  const lastSeenMs = perAudience();
  const latestIssuedSeconds = perAudience();
  const latestExpirySeconds = perAudience();
  const validUnauthorized = perAudience();
  const reasons = new Float64Array(REJECTION_REASONS.length);
  const disagreements = new Float64Array(REJECTION_REASONS.length);
  const lastDisagreementMs: Record<TokenProof, number | null> = { verified: null, unverified: null };
  const apiResponses: Record<Side, Record<ShownResponse, number | null>> = {
    legacy: { accepted: null, unauthorized: null },
    target: { accepted: null, unauthorized: null },
  };
  let afterCloseRejections = 0;
  let preflights = 0;
  const unavailable: Record<Dependency, number> = { keys: 0, introspection: 0, revocation: 0, exchange: 0 };
  let lastUnavailableMs: number | null = null;
  let lastValidUnauthorizedMs: number | null = null;

  const see = (audience: AudienceClass, nowMs: number, issuedAt = 0, expiresAt = 0) => {
    const index = AUDIENCE_INDEX[audience];
    raise(lastSeenMs, index, nowMs);
    raise(latestIssuedSeconds, index, issuedAt);
    raise(latestExpirySeconds, index, expiresAt);
  };

  const countRejected = (judgement: CountedRejection, nowMs: number) => {
    const { audience, reason } = judgement;
    // A positive control: what is rejected does not show that target tokens work.
    if (audience === 'target') return;
    if (audience !== 'legacy' && audience !== 'bridge') return see(audience, nowMs);
    const token = seenToken(judgement);
    if (token !== undefined) {
      see(audience, nowMs, token.issuedAt, token.expiresAt);
      if (audience === 'bridge' && isLegacySeen(audience, token.afterClose))
        see('legacy', nowMs, token.issuedAt, token.expiresAt);
    } else if (judgement.token === undefined && reason !== 'expired') {
      // Reported without its times: in doubt, the drain is not over.
      see(audience, nowMs);
      see('legacy', nowMs);
    }
  };

  return {
    count(judgement, nowMs, times = 1) {
      const { audience } = judgement;
      const index = AUDIENCE_INDEX[audience];
      if (judgement.outcome === 'rejected') {
        increase(rejected, index, times);
        increase(reasons, REASON_INDEX[judgement.reason], times);
        return countRejected(judgement, nowMs);
      }
      const { afterClose, issuedAt, expiresAt } = judgement;
      increase(accepted, index, times);
      if (afterClose === 'rejected') afterCloseRejections += times;
      see(audience, nowMs, issuedAt, expiresAt);
      if (audience !== 'bridge') return;
      raise(lastSeenMs, AUDIENCE_INDEX.target, nowMs);
      if (isLegacySeen(audience, afterClose)) see('legacy', nowMs, issuedAt, expiresAt);
    },

    countPreflight() {
      preflights += 1;
    },

    countUnavailable(nowMs, times = 1, cause = 'keys') {
      increase(rejected, AUDIENCE_INDEX.invalid, times);
      unavailable[cause] += times;
      lastUnavailableMs = Math.max(nowMs, lastUnavailableMs ?? 0);
    },

    countValidUnauthorized(audience, nowMs, times = 1) {
      increase(validUnauthorized, AUDIENCE_INDEX[audience], times);
      lastValidUnauthorizedMs = Math.max(nowMs, lastValidUnauthorizedMs ?? 0);
    },

    countDisagreement({ audience, reason }, nowMs, times = 1) {
      // Not every validator takes part in a brownout.
      if (reason === 'brownout') return;
      const token = isVerifiedClass(audience) ? 'verified' : 'unverified';
      if (token === 'unverified' && acknowledged.includes(reason)) return;
      increase(disagreements, REASON_INDEX[reason], times);
      lastDisagreementMs[token] = Math.max(nowMs, lastDisagreementMs[token] ?? 0);
    },

    noteApiResponse(side, response, nowMs) {
      apiResponses[side][response] = Math.max(nowMs, apiResponses[side][response] ?? 0);
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

    disagreements: (reason) => disagreements[REASON_INDEX[reason]] ?? 0,
    lastDisagreementMs: (token) => lastDisagreementMs[token],
    apiResponseMs: (side, response) => apiResponses[side][response],
    rejections: (reason) => reasons[REASON_INDEX[reason]] ?? 0,
    afterCloseRejections: () => afterCloseRejections,
    preflights: () => preflights,
    unavailable: (cause) =>
      cause === undefined ? Object.values(unavailable).reduce((sum, count) => sum + count) : unavailable[cause],
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
