import { type ApiVerdict, type Clock, UnavailableError } from '@crossfade/core';
import type { Validator } from '@crossfade/validator';
import { countApiResponse, type Durations, type Meter } from '@crossfade/validator/meter';
import type { ForeignAudiences } from './foreign-audiences.ts';
import { createJudging, type JudgementResult, type ReadProof } from './judging.ts';
import type { LegacyLog } from './legacy-log.ts';
import type { ClientEnd, OpenConnections } from './open-connections.ts';
import type { Stragglers } from './stragglers.ts';

export type { JudgementResult } from './judging.ts';

export interface ObserverParts {
  readonly validator: Pick<Validator, 'judge' | 'judgeHeader'>;
  readonly meter: Meter;
  readonly durations: Durations;
  readonly stragglers: Stragglers;
  readonly connections: Pick<OpenConnections, 'open'>;
  readonly foreignAudiences: ForeignAudiences;
  readonly legacyLog: LegacyLog;
  readonly now: Clock;
}

/**
 * One request on its way to being counted. It counts once, when its token is judged *and* the request has reached the
 * API or got a response from the sidecar. The two happen in either order.
 */
export interface Observation {
  /** Judges the token; later calls return the same result. Never throws nor rejects. */
  judge(): JudgementResult | Promise<JudgementResult>;
  /** The request reached the API, or the sidecar responded to it: it counts. */
  settle(): void;
  /**
   * The API began its final response. Settles too.
   * @param head what it says about the token; or that its trailers will; or that it took the token for a connection
   * that goes on for as long as either side likes.
   * @param client ends such a connection.
   */
  responded(head: ApiVerdict | 'in_trailers' | 'stream', client: ClientEnd): void;
  /**
   * The exchange is over: complete, aborted or failed. Every exchange that responded has to say so, on each way out; only
   * the first call counts.
   * @param trailers what the trailers of a complete one say, ignored unless `responded` waits for them; `unclear` for
   * any other.
   */
  ended(trailers: ApiVerdict): void;
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
  /** Counts a CORS preflight that passed: as nothing else, because it carries no token. */
  countPreflight(): void;
  /** How many requests are being judged. */
  pending(): number;
}

export function createObserver(parts: ObserverParts): Observer {
  const { validator, meter, stragglers, foreignAudiences, legacyLog, connections, now } = parts;
  const { judge, pending } = createJudging(validator, parts.durations);

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

  const compare = (result: JudgementResult, verdict: ApiVerdict) => {
    if (result instanceof UnavailableError) return;
    const nowMs = now();
    const disagrees = countApiResponse(meter, result, verdict, nowMs);
    if (disagrees) stragglers.noteDisagreement(result, nowMs);
  };

  const open = (result: JudgementResult, client: ClientEnd) =>
    result instanceof UnavailableError ? undefined : connections.open(result, client, now());

  return {
    observe(authorization, request, readProof, target) {
      let judging: JudgementResult | Promise<JudgementResult> | undefined;
      let judged: JudgementResult | undefined;
      let settled = false;
      let response: 'none' | 'in_trailers' | 'shown' | 'over' = 'none';
      let verdict: ApiVerdict | undefined;
      /** While the API keeps the exchange open. */
      let stream: { readonly client: ClientEnd; noteEnd?: (() => void) | undefined } | undefined;
      const conclude = (result: JudgementResult) => {
        judged = result;
        if (settled) count(result);
        if (verdict !== undefined) compare(result, verdict);
        if (stream !== undefined) stream.noteEnd = open(result, stream.client);
        return result;
      };
      const settle = () => {
        if (settled) return;
        settled = true;
        if (judged !== undefined) count(judged);
      };
      const show = (shown: ApiVerdict) => {
        verdict = shown;
        if (judged !== undefined) compare(judged, shown);
      };
      return {
        judge() {
          judging ??= onceJudged(judge(authorization, request, readProof, target), conclude);
          return judging;
        },
        settle,
        responded(head, client) {
          settle();
          if (response !== 'none') return;
          response = head === 'in_trailers' ? 'in_trailers' : 'shown';
          if (head !== 'in_trailers') show(head === 'stream' ? 'taken' : head);
          if (head !== 'in_trailers' && head !== 'stream') return;
          stream = { client };
          if (judged !== undefined) stream.noteEnd = open(judged, client);
        },
        ended(trailers) {
          const isInTrailers = response === 'in_trailers';
          response = 'over';
          if (isInTrailers) show(trailers);
          stream?.noteEnd?.();
          stream = undefined;
        },
      };
    },
    decide: (authorization, request, readProof) => onceJudged(judge(authorization, request, readProof), counted),
    countPreflight: () => meter.countPreflight(),
    pending,
  };
}

function onceJudged(
  result: JudgementResult | Promise<JudgementResult>,
  conclude: (result: JudgementResult) => JudgementResult,
): JudgementResult | Promise<JudgementResult> {
  return result instanceof Promise ? result.then(conclude) : conclude(result);
}
