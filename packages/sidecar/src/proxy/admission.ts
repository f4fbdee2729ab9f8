import { type AcceptedJudgement, UnavailableError } from '@crossfade/core';
import { type HttpRejection, rejectionResponse, unavailableResponse } from '@crossfade/validator';
import { identityHeaders } from '../http/identity-headers.ts';
import { BAD_HOST, BAD_TARGET, type Problem } from '../http/problem.ts';
import { type ClientConnection, type RequestHeaders, readRequestHeaders } from '../http/request-headers.ts';
import { readRequestTarget } from '../http/request-target.ts';
import type { JudgementResult, Observation, Observer } from '../meter/observer.ts';

/** A request as it arrives, of either version of HTTP. */
export interface Arrival {
  readonly method: string;
  readonly target: string;
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[];
  readonly client: ClientConnection;
  /** Whether the client has left. */
  gone(): boolean;
  /** Answers in the API's stead. */
  answer(problem: Problem | HttpRejection): void;
}

/** A request that may go on to the API. */
export interface Admitted {
  readonly message: { readonly method: string; readonly path: string; readonly headers: string[] };
  readonly headers: RequestHeaders;
  readonly observation: Observation;
}

/** Reads a request and lets it go on, or answers it. */
export type Admission = (arrival: Arrival, go: (admitted: Admitted) => void) => void;

interface AdmissionParts {
  readonly observer: Observer;
  readonly judge: 'observe' | 'enforce';
  /** What is put before every path. */
  readonly pathPrefix: string;
}

/** In observe mode a request goes at once, and judging starts behind it; in enforce mode, once its token is accepted. */
export function createAdmission({ observer, judge, pathPrefix }: AdmissionParts): Admission {
  return (arrival, go) => {
    const headers = readRequestHeaders(arrival.rawHeaders, arrival.client);
    const target = readRequestTarget(arrival.target, pathPrefix);
    if (target === undefined) return arrival.answer(BAD_TARGET);
    if (headers.hosts.length > 1) return arrival.answer(BAD_HOST);

    const host = target.host ?? headers.hosts[0];
    if (host !== undefined) headers.fields.push('host', host);
    const message = { method: arrival.method, path: target.path, headers: headers.fields };
    const observation = observer.observe(headers.authorization);
    if (judge === 'observe') {
      go({ message, headers, observation });
      void observation.judge();
      return;
    }
    const decide = (result: JudgementResult) => {
      if (arrival.gone()) return;
      if (isAccepted(result)) {
        headers.fields.push(...identityHeaders(result));
        return go({ message, headers, observation });
      }
      observation.settle();
      arrival.answer(result instanceof UnavailableError ? unavailableResponse(result) : rejectionResponse(result));
    };
    const result = observation.judge();
    if (result instanceof Promise) void result.then(decide);
    else decide(result);
  };
}

function isAccepted(result: JudgementResult): result is AcceptedJudgement {
  return !(result instanceof UnavailableError) && result.outcome === 'accepted';
}
