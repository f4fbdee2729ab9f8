import { type AcceptedJudgement, UnavailableError } from '@crossfade/core';
import { type HttpRejection, rejectionResponse, unavailableResponse } from '@crossfade/validator';
import { identityHeaders } from '../http/identity-headers.ts';
import { BAD_HOST, BAD_TARGET, type Problem } from '../http/problem.ts';
import { type ClientConnection, type RequestHeaders, readRequestHeaders } from '../http/request-headers.ts';
import { readRequestTarget } from '../http/request-target.ts';
import type { Observation, Observer, Verdict } from '../meter/observer.ts';

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
    const decide = (verdict: Verdict) => {
      if (arrival.gone()) return;
      if (isAccepted(verdict)) {
        headers.fields.push(...identityHeaders(verdict));
        return go({ message, headers, observation });
      }
      observation.settle();
      arrival.answer(verdict instanceof UnavailableError ? unavailableResponse(verdict) : rejectionResponse(verdict));
    };
    const verdict = observation.judge();
    if (verdict instanceof Promise) void verdict.then(decide);
    else decide(verdict);
  };
}

function isAccepted(verdict: Verdict): verdict is AcceptedJudgement {
  return !(verdict instanceof UnavailableError) && verdict.outcome === 'accepted';
}
