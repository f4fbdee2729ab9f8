import { type Acceptance, type AcceptanceSwitch, type Clock, type Judgement, UnavailableError } from '@crossfade/core';
import type { Validator } from '@crossfade/validator';
import { soonestOf } from '@crossfade/validator';
import type { AcceptanceEvidence } from './acceptance-evidence.ts';
import type { Durations } from './durations.ts';
import type { LegacyLog } from './legacy-log.ts';
import type { Meter } from './meter.ts';
import type { Stragglers } from './stragglers.ts';

export interface ObserverParts {
  readonly validator: Pick<Validator, 'judge'>;
  readonly acceptance: AcceptanceSwitch;
  readonly meter: Meter;
  readonly durations: Durations;
  readonly stragglers: Stragglers;
  readonly evidence: AcceptanceEvidence;
  readonly legacyLog: LegacyLog;
  readonly now: Clock;
}

/** A judgement, or why there can be none at the moment. */
export type Verdict = Judgement | UnavailableError;

/**
 * One request on its way to being counted: once, when its token is judged *and* it is settled that it reached the
 * API or got an answer of ours. The two come in either order.
 */
export interface Observation {
  /** Judges the token; once, however often it is asked. Never throws nor rejects. */
  judge(): Verdict | Promise<Verdict>;
  /** The request reached the API, or was answered in its stead: it counts. */
  settle(): void;
  /** The API itself answered with this status. Settles too. */
  answer(status: number): void;
}

/** Judges and counts requests, beside whatever happens to them. */
export interface Observer {
  /**
   * Judges nothing yet.
   * @param authorization every value of the request's `Authorization` header.
   */
  observe(authorization: readonly string[]): Observation;
  /**
   * Judges and counts a request that is answered by the judgement: nothing else has to happen for it to count.
   * Never throws nor rejects.
   */
  decide(authorization: readonly string[]): Verdict | Promise<Verdict>;
  /** How many requests are being judged. */
  pending(): number;
}

/**
 * How many judgements may be under way at once: while an issuer does not answer, they wait, each with its token. What
 * comes on top is counted as could not be judged, which is what it would become.
 */
const MAX_PENDING = 10_000;

export function createObserver(parts: ObserverParts): Observer {
  const { meter, evidence, stragglers, legacyLog, now } = parts;
  // A sidecar can't check a proof of possession (RFC 9449): the address it sees is not the one the client signed.
  const judgeToken = soonestOf(parts.validator);
  let pending = 0;

  const timed = (judgement: Judgement, startMs: number): Judgement => {
    parts.durations.observe(judgement.outcome, (performance.now() - startMs) / 1000);
    return judgement;
  };

  const judgeLater = async (judging: Promise<Judgement>, startMs: number): Promise<Verdict> => {
    pending += 1;
    try {
      return timed(await judging, startMs);
    } catch (error) {
      return blind(error);
    } finally {
      pending -= 1;
    }
  };

  /** Nearly every request brings a known token, and is judged without waiting. */
  const judge = (authorization: readonly string[]): Verdict | Promise<Verdict> => {
    if (pending >= MAX_PENDING) return new UnavailableError('too many judgements are under way');
    const startMs = performance.now();
    try {
      const judgement = judgeToken(authorization);
      return judgement instanceof Promise ? judgeLater(judgement, startMs) : timed(judgement, startMs);
    } catch (error) {
      return blind(error);
    }
  };

  const count = (verdict: Verdict) => {
    const nowMs = now();
    if (verdict instanceof UnavailableError) return meter.countUnavailable(nowMs);
    meter.count(verdict, nowMs);
    if (verdict.outcome !== 'accepted' || verdict.audience !== 'legacy') return;
    stragglers.note(verdict, nowMs);
    legacyLog.note(verdict, nowMs);
  };

  const counted = (verdict: Verdict) => {
    count(verdict);
    return verdict;
  };

  const compare = (verdict: Verdict, status: number, position: Acceptance) => {
    if (verdict instanceof UnavailableError) return;
    if (verdict.outcome === 'accepted' && status === 401) meter.countValidUnauthorized(verdict.audience, now());
    evidence.note(verdict, status, position);
  };

  return {
    observe(authorization) {
      const position = parts.acceptance();
      let judging: Verdict | Promise<Verdict> | undefined;
      let judged: Verdict | undefined;
      let settled = false;
      let answered: number | undefined;
      const conclude = (verdict: Verdict) => {
        judged = verdict;
        if (settled) count(verdict);
        if (answered !== undefined) compare(verdict, answered, position);
        return verdict;
      };
      const settle = () => {
        if (settled) return;
        settled = true;
        if (judged !== undefined) count(judged);
      };
      return {
        judge() {
          judging ??= once(judge(authorization), conclude);
          return judging;
        },
        settle,
        answer(status) {
          settle();
          if (answered !== undefined) return;
          answered = status;
          if (judged !== undefined) compare(judged, status, position);
        },
      };
    },
    decide: (authorization) => once(judge(authorization), counted),
    pending: () => pending,
  };
}

function once(
  verdict: Verdict | Promise<Verdict>,
  conclude: (verdict: Verdict) => Verdict,
): Verdict | Promise<Verdict> {
  return verdict instanceof Promise ? verdict.then(conclude) : conclude(verdict);
}

/** Whatever went wrong here is not the caller's fault, and must not reach the request. */
function blind(error: unknown): UnavailableError {
  return error instanceof UnavailableError ? error : new UnavailableError('judging failed', { cause: error });
}
