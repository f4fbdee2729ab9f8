import { type AcceptedJudgement, UnavailableError } from '@crossfade/core';
import { type HttpRejection, isPreflight, rejectionResponse, unavailableResponse } from '@crossfade/validator';
import { headerNames, headerValues } from '../http/header-values.ts';
import { identityHeaders } from '../http/identity-headers.ts';
import { BAD_HOST, BAD_TARGET, type ProblemResponse } from '../http/problem.ts';
import { replaceToken } from '../http/replace-token.ts';
import { type RequestHeaders, readRequestHeaders } from '../http/request-headers.ts';
import type { ProofReader, ProvableRequest } from '../http/request-proof.ts';
import { readRequestTarget } from '../http/request-target.ts';
import { NO_FIELDS, type SunsetFields, sunsetFieldsFor, withFields } from '../http/sunset-fields.ts';
import { refuseTrace } from '../http/trace.ts';
import { type JudgementResult, type Observation, type Observer, withoutEvidence } from '../meter/observer.ts';

/** A request as it arrives, over either version of HTTP. */
export interface ArrivedRequest extends ProvableRequest {
  /** Whether a body follows. Absent: its header section says so. */
  readonly hasBody?: boolean;
  /** Whether the client has disconnected. */
  isGone(): boolean;
  /** Responds without the API. */
  respond(problem: ProblemResponse | HttpRejection): void;
}

/** A request on its way to the API. */
export interface ForwardedRequest {
  readonly message: { readonly method: string; readonly path: string; readonly headers: string[] };
  readonly headers: RequestHeaders;
  readonly observation: Omit<Observation, 'judge'>;
  /** For the response, each unless the API sends one of its name. */
  readonly sunset: SunsetFields;
}

/** Forwards a request to the API, or responds to it. */
export type RequestFilter = (request: ArrivedRequest, forward: (forwarded: ForwardedRequest) => void) => void;

interface RequestFilterParts {
  readonly observer: Observer;
  readonly judge: 'observe' | 'enforce';
  /** Whether responses of a path prove nothing about a token. It opens nothing: `enforce` judges there, too. */
  readonly isPublic: (path: string) => boolean;
  /** Whether CORS preflights pass without being judged. */
  readonly passesPreflights: boolean;
  /** Prepended to every path. */
  readonly pathPrefix: string;
  readonly readProof: ProofReader;
  /** The JWT that an opaque token was exchanged for; absent: the API gets every token as it came. */
  readonly upstreamToken?: ((judgement: AcceptedJudgement) => string | undefined) | undefined;
  /** Announces the end of the legacy audience to requests with a legacy token, in enforce mode only. */
  readonly sunset?: SunsetFields | undefined;
}

/**
 * In observe mode a request is forwarded at once and judged afterwards; in enforce mode, only if its token is accepted. A
 * CORS preflight is forwarded in both modes, without an identity, and is not judged.
 */
export function createRequestFilter(parts: RequestFilterParts): RequestFilter {
  const {
    observer,
    judge,
    isPublic,
    passesPreflights,
    pathPrefix,
    readProof,
    upstreamToken = sameToken,
    sunset = NO_FIELDS,
  } = parts;
  return (request, forward) => {
    const target = readRequestTarget(request.target, pathPrefix);
    if (target === undefined) return request.respond(BAD_TARGET);
    const headers = readRequestHeaders(request.rawHeaders, request.client, target.host);
    if (headers.hosts.length > 1) return request.respond(BAD_HOST);
    const refusal = refuseTrace(request.method, request.hasBody ?? headers.hasBody, judge);
    if (refusal !== undefined) return request.respond(refusal);

    const message = { method: request.method, path: target.path, headers: headers.fields };
    if (passesPreflights && isBeforeAuthentication(request.method) && isArrivedPreflight(request))
      return forward({ message, headers, observation: observePreflight(observer), sunset: NO_FIELDS });
    const seenTarget = judge === 'observe' ? request.target : undefined;
    const observed = observer.observe(headers.authorization, request, readProof, seenTarget);
    const provesNothing = isBeforeAuthentication(request.method) || isPublic(target.path.slice(pathPrefix.length));
    const observation = provesNothing ? withoutEvidence(observed) : observed;
    if (judge === 'observe') {
      forward({ message, headers, observation, sunset: NO_FIELDS });
      void observation.judge();
      return;
    }
    const decide = (result: JudgementResult) => {
      if (request.isGone()) return;
      if (isAccepted(result)) {
        const token = upstreamToken(result);
        if (token !== undefined) replaceToken(headers.fields, token);
        headers.fields.push(...identityHeaders(result));
        return forward({ message, headers, observation, sunset: sunsetFieldsFor(result, sunset) });
      }
      observation.settle();
      if (result instanceof UnavailableError) return request.respond(unavailableResponse(result));
      request.respond(withFields(rejectionResponse(result), sunsetFieldsFor(result, sunset)));
    };
    const result = observation.judge();
    if (result instanceof Promise) void result.then(decide);
    else decide(result);
  };
}

/** CORS layers respond to `OPTIONS` before an API looks at the token. */
function isBeforeAuthentication(method: string): boolean {
  return method === 'OPTIONS';
}

function isArrivedPreflight({ method, rawHeaders, hasBody }: ArrivedRequest): boolean {
  return isPreflight({
    method,
    hasBody,
    headerValues: (name) => headerValues(rawHeaders, name),
    headerNames: () => headerNames(rawHeaders),
  });
}

/** A preflight counts once it has reached the API, or got a response from the sidecar. What the API responds proves nothing. */
function observePreflight({ countPreflight }: Observer): ForwardedRequest['observation'] {
  let settled = false;
  const settle = () => {
    if (!settled) countPreflight();
    settled = true;
  };
  return { settle, responded: settle, ended() {} };
}

function sameToken(): undefined {}

function isAccepted(result: JudgementResult): result is AcceptedJudgement {
  return !(result instanceof UnavailableError) && result.outcome === 'accepted';
}
