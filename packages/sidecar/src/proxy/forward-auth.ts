import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import { type AcceptedJudgement, type Judgement, type RejectedJudgement, UnavailableError } from '@crossfade/core';
import { authorizationValues, type HttpRejection, rejectionResponse, unavailableResponse } from '@crossfade/validator';
import type { ClientResponse } from '../fast-path/client-response.ts';
import { writeEmpty, writeProblem } from '../fast-path/write-response.ts';
import { askedRequest, isAskedPreflight } from '../http/asked-request.ts';
import { type ClientAddressOptions, createClientLookup } from '../http/client-address.ts';
import { identityHeaders } from '../http/identity-headers.ts';
import { sendProblem } from '../http/problem.ts';
import { discardRest } from '../http/request-body.ts';
import {
  createProofReader,
  type ProofReader,
  type ProofSettings,
  type ProvableRequest,
} from '../http/request-proof.ts';
import { NO_FIELDS, type SunsetFields, sunsetFieldsFor, withFields } from '../http/sunset-fields.ts';
import { readHttp2Head } from '../http2/http2-head.ts';
import { respondEmpty, respondToStream } from '../http2/http2-response.ts';
import type { JudgementResult, Observer } from '../meter/observer.ts';
import type { DataHandlers } from './data-server.ts';

export interface ForwardAuthOptions extends ClientAddressOptions, ProofSettings {
  readonly observer: Observer;
  /** Whether the sidecar is going out of service: then responses are the last on their connection. */
  readonly closing: () => boolean;
  /** Whether CORS preflights pass without being judged. */
  readonly passesPreflights: boolean;
  /** The one header in which trusted proxies name the method of the request that they ask about, in lower case. */
  readonly methodHeader?: string | undefined;
  /** Announces the end of the legacy audience to requests with a legacy token; absent: nothing. */
  readonly sunset?: SunsetFields | undefined;
}

/**
 * Tells a proxy whether a request may pass: 200 with the verified identity, 401, 403 or 503. The `Authorization` header
 * counts, with any method and path, and for a bound token the proof that comes with it; a body is read and discarded. A
 * CORS preflight passes, without an identity.
 */
export function createForwardAuth(options: ForwardAuthOptions): DataHandlers {
  const { observer, closing, passesPreflights, methodHeader, sunset = NO_FIELDS } = options;
  const clientOf = createClientLookup(options);
  const ofApi = createProofReader(options);
  const readProof: ProofReader = (request, scheme) => ofApi(request && askedRequest(request, methodHeader), scheme);

  function decide(request: ProvableRequest, hasBody = false): JudgementResult | 'preflight' | Promise<JudgementResult> {
    if (!passesPreflights || hasBody || !isAskedPreflight(request, methodHeader))
      return observer.decide(authorizationValues(request.rawHeaders), request, readProof);
    observer.countPreflight();
    return 'preflight';
  }

  function respond(result: JudgementResult | 'preflight', request: IncomingMessage, response: ServerResponse): void {
    if (response.destroyed) return;
    if (closing()) response.shouldKeepAlive = false;
    if (result instanceof UnavailableError) sendProblem(response, unavailableResponse(result));
    else if (isRejected(result)) sendProblem(response, rejectionOf(result, sunset));
    else {
      response.writeHead(200, [...fieldsOf(result, sunset), 'content-length', '0']);
      response.end();
      // node:http discards what has arrived already.
      if (!request.complete) discardRest(request);
    }
  }

  function respondFast(result: JudgementResult | 'preflight', response: ClientResponse): void {
    if (response.isGone()) return;
    if (result instanceof UnavailableError) writeProblem(response, unavailableResponse(result));
    else if (isRejected(result)) writeProblem(response, rejectionOf(result, sunset));
    else writeEmpty(response, 200, fieldsOf(result, sunset));
  }

  function respondOverHttp2(result: JudgementResult | 'preflight', stream: ServerHttp2Stream): void {
    if (stream.destroyed || stream.closed) return;
    if (result instanceof UnavailableError) respondToStream(stream, unavailableResponse(result));
    else if (isRejected(result)) respondToStream(stream, rejectionOf(result, sunset));
    else respondEmpty(stream, 200, fieldsOf(result, sunset));
  }

  return {
    fastPath: {
      closing,
      handle({ method, target, rawHeaders }, response) {
        const result = decide({ method, target, rawHeaders, client: clientOf(response.socket) });
        if (result instanceof Promise) void result.then((later) => respondFast(later, response));
        else respondFast(result, response);
      },
    },

    handle(request, response) {
      const { method = '', url: target = '', rawHeaders, socket } = request;
      const result = decide({ method, target, rawHeaders, client: clientOf(socket) });
      if (result instanceof Promise) void result.then((later) => respond(later, request, response));
      else respond(result, request, response);
    },

    stream(stream, fields, ended) {
      stream.on('error', () => {});
      const { session } = stream;
      if (session === undefined) return;
      const result = decide({ ...readHttp2Head(fields), client: clientOf(session.socket) }, !ended);
      if (result instanceof Promise) void result.then((later) => respondOverHttp2(later, stream));
      else respondOverHttp2(result, stream);
    },
  };
}

function isRejected(result: Judgement | 'preflight'): result is RejectedJudgement {
  return result !== 'preflight' && result.outcome === 'rejected';
}

function rejectionOf(result: RejectedJudgement, sunset: SunsetFields): HttpRejection {
  return withFields(rejectionResponse(result), sunsetFieldsFor(result, sunset));
}

function fieldsOf(result: AcceptedJudgement | 'preflight', sunset: SunsetFields): readonly string[] {
  if (result === 'preflight') return NO_FIELDS;
  const announced = sunsetFieldsFor(result, sunset);
  return announced.length === 0 ? identityHeaders(result) : [...identityHeaders(result), ...announced];
}
