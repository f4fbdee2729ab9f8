import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { headerValues } from '../http/header-values.ts';
import type { IdleTimeout } from '../http/idle-timeout.ts';
import { problemOf } from '../http/problem.ts';
import { createRequestBody } from '../http/request-body.ts';
import type { ClientConnection } from '../http/request-headers.ts';
import { addAbsent, readResponseHeaders, resetsContent, withoutContent } from '../http/response-headers.ts';
import { readGrpcTrailers, readResponseHead } from '../http/response-reader.ts';
import type { SunsetFields } from '../http/sunset-fields.ts';
import { readTrailers, requestTrailers } from '../http/trailers.ts';
import { http2Fields } from '../http2/http2-fields.ts';
import { readHttp2Head } from '../http2/http2-head.ts';
import { endUpload, forwardedReset, resetStream, respondToStream } from '../http2/http2-response.ts';
import type { Observation } from '../meter/observer.ts';
import type { ArrivedRequest, RequestFilter } from './request-filter.ts';
import type { UpstreamClient, UpstreamHandler } from './upstream-handler.ts';
import type { UpstreamHealth } from './upstream-health.ts';

interface StreamParts {
  readonly filter: RequestFilter;
  readonly clientOf: (socket: Socket) => ClientConnection;
  readonly client: UpstreamClient;
  readonly health: UpstreamHealth;
  readonly stallTimeoutMs: number;
}

interface ArrivedStream {
  readonly stream: ServerHttp2Stream;
  readonly rawHeaders: readonly string[];
  /** The request has no body. */
  readonly ended: boolean;
}

/** Forwards one HTTP/2 request to the API, and its response back, including trailers. */
export function forwardStream({ stream, rawHeaders, ended }: ArrivedStream, parts: StreamParts): void {
  stream.on('error', () => {});
  const { session } = stream;
  if (session === undefined) return;
  const respond: ArrivedRequest['respond'] = (problem) => respondToStream(stream, problem);
  const head = readHttp2Head(rawHeaders);
  let rawTrailers: readonly string[] = [];
  // They may arrive before the token is judged.
  stream.once('trailers', (_fields, _flags, raw?: readonly string[]) => {
    rawTrailers = raw ?? [];
  });
  const request = {
    ...head,
    hasBody: !ended,
    client: parts.clientOf(session.socket),
    isGone: () => stream.destroyed,
    respond,
  };
  parts.filter(request, ({ message, headers, observation, sunset }) => {
    const idleTimeout = createStreamTimeout(stream, parts.stallTimeoutMs);
    const discard = () => void stream.resume();
    const receiving = isConversation(rawHeaders) ? NO_TIMEOUT : whileAwaiting(stream, idleTimeout);
    const body = ended ? null : createRequestBody({ readable: stream, idleTimeout: receiving, discard });
    if (body !== null && headers.trailer.length > 0) message.headers.push('trailer', headers.trailer.join(', '));
    parts.client.send(
      {
        ...message,
        body,
        trailers: () => requestTrailers(rawTrailers),
        expectsContinue: body !== null && headers.expectsContinue,
      },
      createStreamExchange({ stream, observation, idleTimeout, respond, health: parts.health, sunset }),
    );
  });
}

function createStreamTimeout(stream: ServerHttp2Stream, limitMs: number): IdleTimeout {
  stream.on('timeout', () => resetStream(stream, constants.NGHTTP2_CANCEL));
  return {
    start: () => stream.setTimeout(limitMs),
    stop() {
      if (!stream.writableNeedDrain) stream.setTimeout(0);
    },
  };
}

/** Media types of requests that go on for as long as the client has something to say: gRPC, and Connect's streams. */
const CONVERSATION = /^\s*application\/(?:grpc|connect)\b/i;
const NO_TIMEOUT: IdleTimeout = { start() {}, stop() {} };

function isConversation(rawHeaders: readonly string[]): boolean {
  return CONVERSATION.test(headerValues(rawHeaders, 'content-type')[0] ?? '');
}

/** An upload that stalls is cut until the API responds: then the two talk to each other, and either may be silent. */
function whileAwaiting(stream: ServerHttp2Stream, { start, stop }: IdleTimeout): IdleTimeout {
  return {
    start() {
      if (!stream.headersSent) start();
    },
    stop,
  };
}

interface StreamExchangeParts {
  readonly stream: ServerHttp2Stream;
  readonly observation: Pick<Observation, 'settle' | 'responded' | 'ended'>;
  readonly idleTimeout: IdleTimeout;
  readonly respond: ArrivedRequest['respond'];
  readonly health: UpstreamHealth;
  readonly sunset: SunsetFields;
}

function createStreamExchange(parts: StreamExchangeParts): UpstreamHandler {
  const { stream, observation, idleTimeout, respond, health, sunset } = parts;
  let isComplete = false;
  let hasContent = true;
  let trailers: OutgoingHttpHeaders = {};
  let resumeUpstream: () => void = () => {};
  let abort: ((rstCode?: number) => void) | undefined;
  const client = { destroy: () => resetStream(stream, constants.NGHTTP2_CANCEL) };
  const isGone = () => stream.destroyed || stream.closed;
  const onDrain = () => {
    idleTimeout.stop();
    resumeUpstream();
  };
  stream.once('close', () => {
    observation.ended('unclear');
    if (!isComplete) abort?.(forwardedReset(stream.rstCode));
  });

  return {
    onConnect(abortRequest) {
      abort = abortRequest;
      if (stream.destroyed) abortRequest();
    },
    onRequestSent: observation.settle,

    onContinue() {
      if (!isGone() && !stream.headersSent) stream.additionalHeaders({ ':status': 100 });
    },

    onInformation(status, rawHeaders) {
      if (isGone() || stream.headersSent) return;
      stream.additionalHeaders({ ':status': status, ...http2Fields(readResponseHeaders(rawHeaders)) });
    },

    onResponse({ status, rawHeaders, isComplete: isWhole }, resume) {
      if (health.isFailing) health.responded();
      observation.responded(readResponseHead(status, rawHeaders), client);
      if (isGone()) return;
      resumeUpstream = resume;
      stream.once('wantTrailers', () => {
        if (isGone()) return;
        stream.sendTrailers(trailers);
        endUpload(stream);
      });
      const allFields = addAbsent(readResponseHeaders(rawHeaders), sunset);
      hasContent = !resetsContent(status);
      const fields = http2Fields(hasContent ? allFields : withoutContent(allFields));
      // A client rejects it there (RFC 9110 §8.6).
      if (status === 204) delete fields['content-length'];
      // The API's `Date`, or none: `sendDate` is missing in the types of Node.js.
      const options = { sendDate: false, ...(isWhole === true ? { endStream: true } : { waitForTrailers: true }) };
      stream.respond({ ':status': status, ...fields }, options);
      idleTimeout.stop();
      if (isWhole === true) endUpload(stream);
    },

    onData(chunk) {
      if (!hasContent || isGone() || stream.write(chunk)) return true;
      idleTimeout.start();
      stream.once('drain', onDrain);
      return false;
    },

    onComplete(rawTrailers) {
      isComplete = true;
      observation.ended(readGrpcTrailers(rawTrailers));
      trailers = http2Fields(readTrailers(rawTrailers).flat());
      if (!stream.writableEnded) stream.end();
      if (stream.writableLength > 0) idleTimeout.start();
    },

    onError(error) {
      if (stream.destroyed) return;
      health.failed(error);
      isComplete = true;
      observation.settle();
      const { rstCode } = error as Error & { readonly rstCode?: number };
      const reset = forwardedReset(rstCode);
      if (reset !== undefined || stream.headersSent) resetStream(stream, reset ?? constants.NGHTTP2_INTERNAL_ERROR);
      else respond(problemOf(error));
    },
  };
}
