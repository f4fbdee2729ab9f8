import {
  type Acceptance,
  type AcceptanceSwitch,
  type ApiVerdict,
  type Clock,
  type Judgement,
  type RejectedJudgement,
  rejectAccepted,
  sideOfValidToken,
  UnavailableError,
} from '@crossfade/core';
import type { RequestProof, TokenScheme, Validator } from '@crossfade/validator';
import type { AcceptanceEvidence } from './acceptance-evidence.ts';
import type { Durations } from './durations.ts';
import type { ForeignAudiences } from './foreign-audiences.ts';
import type { LegacyLog } from './legacy-log.ts';
import type { Meter } from './meter.ts';
import { otherPresentation } from './other-presentation.ts';
import type { Stragglers } from './stragglers.ts';

export interface ObserverParts {
  readonly validator: Pick<Validator, 'judge' | 'judgeHeader'>;
  readonly acceptance: AcceptanceSwitch;
  readonly meter: Meter;
  readonly durations: Durations;
  readonly stragglers: Stragglers;
  readonly foreignAudiences: ForeignAudiences;
  readonly evidence: AcceptanceEvidence;
  readonly legacyLog: LegacyLog;
  readonly now: Clock;
}

/** A judgement, or the reason why none is possible at the moment. */
export type JudgementResult = Judgement | UnavailableError;

/** Reads what a request shows besides its token, for a token that is bound to a key of its sender. */
export type ReadProof<R> = (request: R, scheme: TokenScheme) => RequestProof | undefined;

/**
 * One request on its way to being counted. It counts once, when its token is judged *and* the request has reached the
 * API or got a response from the sidecar. The two happen in either order.
 */
export interface Observation {
  /** Judges the token; later calls return the same result. Never throws nor rejects. */
  judge(): JudgementResult | Promise<JudgementResult>;
  /** The request reached the API, or the sidecar responded to it: it counts. */
  settle(): void;
  /** The API began its final response, which says this about the token, or will say it in its trailers. Settles too. */
  responded(verdict: ApiVerdict | 'in_trailers'): void;
  /** The API's response is complete. Ignores what its trailers say unless `responded` waits for them. */
  ended(verdict: ApiVerdict): void;
}

/** The same observation for a route that needs no token: its responses prove nothing. */
export function withoutEvidence(observation: Observation): Observation {
  return { ...observation, responded: observation.settle, ended() {} };
}

/** Judges and counts requests without touching them. */
export interface Observer {
  /**
   * Starts an observation; judges nothing yet.
   * @param authorization every value of the request's `Authorization` header.
   * @param request handed to `readProof`, which is called only for a token that may need a proof.
   * @param target of a request that the API gets in any case: a token that we ignore, in another place of the request, is
   * judged, too, and rejected with its class: the API may take it.
   */
  observe<R>(
    authorization: readonly string[],
    request?: R,
    readProof?: ReadProof<R | undefined>,
    target?: string,
  ): Observation;
  /** Judges a request and counts it as soon as it is judged. Never throws nor rejects. */
  decide<R>(
    authorization: readonly string[],
    request?: R,
    readProof?: ReadProof<R | undefined>,
  ): JudgementResult | Promise<JudgementResult>;
  /** How many requests are being judged. */
  pending(): number;
}

/**
 * How many judgements may be pending at once: each holds its token while an issuer does not respond. Further requests
 * count as unavailable, which is what they would become.
 */
const MAX_PENDING = 10_000;

export function createObserver(parts: ObserverParts): Observer {
  const { validator, meter, evidence, stragglers, foreignAudiences, legacyLog, now } = parts;
  let pending = 0;

  const timed = (judgement: Judgement, startMs: number): Judgement => {
    parts.durations.observe(judgement.outcome, (performance.now() - startMs) / 1000);
    return judgement;
  };

  const judgeLater = async (judging: Promise<Judgement>, startMs: number): Promise<JudgementResult> => {
    pending += 1;
    try {
      return timed(await judging, startMs);
    } catch (error) {
      return unavailable(error);
    } finally {
      pending -= 1;
    }
  };

  /** Nearly every request brings a known token, which is judged synchronously. */
  const judge = <R>(
    authorization: readonly string[],
    request: R,
    readProof: ReadProof<R> = noProof,
    target?: string,
  ): JudgementResult | Promise<JudgementResult> => {
    if (pending >= MAX_PENDING) return new UnavailableError('too many judgements are pending');
    const startMs = performance.now();
    try {
      let judgement = validator.judgeHeader(authorization, request, readProof);
      if (target !== undefined && isWithoutToken(judgement))
        judgement = judgeElsewhere(judgement, authorization, target);
      return judgement instanceof Promise ? judgeLater(judgement, startMs) : timed(judgement, startMs);
    } catch (error) {
      return unavailable(error);
    }
  };

  const judgeElsewhere = (
    withoutToken: Judgement,
    authorization: readonly string[],
    target: string,
  ): Judgement | Promise<Judgement> => {
    const token = otherPresentation(authorization, target);
    if (token === undefined) return withoutToken;
    return validator
      .judge(token)
      .then((judged) => (judged.outcome === 'accepted' ? rejectAccepted(judged, MISSING_TOKEN) : judged));
  };

  const count = (result: JudgementResult) => {
    const nowMs = now();
    if (result instanceof UnavailableError) return meter.countUnavailable(nowMs, 1, result.dependency);
    meter.count(result, nowMs);
    if (result.outcome === 'accepted') foreignAudiences.note(result, nowMs);
    if (result.audience !== 'legacy' && result.audience !== 'bridge') return;
    stragglers.note(result, nowMs);
    legacyLog.note(result, nowMs);
  };

  const counted = (result: JudgementResult) => {
    count(result);
    return result;
  };

  const disagree = (judgement: RejectedJudgement, nowMs: number) => {
    // Without a token there is nothing that the API could have taken.
    if (judgement.audience === 'none') return;
    meter.countDisagreement(judgement, nowMs);
    stragglers.noteDisagreement(judgement, nowMs);
  };

  const compare = (result: JudgementResult, verdict: ApiVerdict, position: Acceptance) => {
    if (verdict === 'unclear' || result instanceof UnavailableError) return;
    const nowMs = now();
    if (result.outcome === 'rejected') {
      if (verdict === 'taken') disagree(result, nowMs);
    } else if (verdict === 'refused') meter.countValidUnauthorized(result.audience, nowMs);
    const side = sideOfValidToken(result);
    if (side === undefined) return;
    const response = verdict === 'taken' ? 'accepted' : 'unauthorized';
    meter.noteApiResponse(side, response, nowMs);
    evidence.note(side, response, position);
  };

  return {
    observe(authorization, request, readProof, target) {
      const position = parts.acceptance();
      let judging: JudgementResult | Promise<JudgementResult> | undefined;
      let judged: JudgementResult | undefined;
      let settled = false;
      let hasResponse = false;
      let isInTrailers = false;
      let verdict: ApiVerdict | undefined;
      const conclude = (result: JudgementResult) => {
        judged = result;
        if (settled) count(result);
        if (verdict !== undefined) compare(result, verdict, position);
        return result;
      };
      const settle = () => {
        if (settled) return;
        settled = true;
        if (judged !== undefined) count(judged);
      };
      const show = (shown: ApiVerdict) => {
        verdict = shown;
        if (judged !== undefined) compare(judged, shown, position);
      };
      return {
        judge() {
          judging ??= onceJudged(judge(authorization, request, readProof, target), conclude);
          return judging;
        },
        settle,
        responded(head) {
          settle();
          if (hasResponse) return;
          hasResponse = true;
          isInTrailers = head === 'in_trailers';
          if (head !== 'in_trailers') show(head);
        },
        ended(trailers) {
          if (!isInTrailers) return;
          isInTrailers = false;
          show(trailers);
        },
      };
    },
    decide: (authorization, request, readProof) => onceJudged(judge(authorization, request, readProof), counted),
    pending: () => pending,
  };
}

const MISSING_TOKEN = { reason: 'missing_token' } as const;

function isWithoutToken(judgement: Judgement | Promise<Judgement>): judgement is Judgement {
  return !(judgement instanceof Promise) && judgement.audience === 'none';
}

function noProof(): undefined {}

function onceJudged(
  result: JudgementResult | Promise<JudgementResult>,
  conclude: (result: JudgementResult) => JudgementResult,
): JudgementResult | Promise<JudgementResult> {
  return result instanceof Promise ? result.then(conclude) : conclude(result);
}

/** A failure to judge is not the caller's fault, and must not reach the request. */
function unavailable(error: unknown): UnavailableError {
  return error instanceof UnavailableError ? error : new UnavailableError('judging failed', { cause: error });
}
