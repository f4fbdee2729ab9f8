import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Pool } from 'undici';
import { readHttp2Head } from '../http/http2-head.ts';
import type { IdleTimeout } from '../http/idle-timeout.ts';
import { problemOf } from '../http/problem.ts';
import { createRequestBody } from '../http/request-body.ts';
import type { ClientConnection } from '../http/request-headers.ts';
import { readResponseHeaders } from '../http/response-headers.ts';
import { readGrpcTrailers, readResponseHead } from '../http/response-reader.ts';
import { readTrailers } from '../http/trailers.ts';
import type { Observation } from '../meter/observer.ts';
import type { ExchangeHandler } from './exchange.ts';
import type { ArrivedRequest, RequestFilter } from './request-filter.ts';
import { type Retry, retryOnce } from './retry.ts';

interface StreamParts {
  readonly filter: RequestFilter;
  readonly clientOf: (socket: Socket) => ClientConnection;
  readonly pool: Pool;
  readonly stallTimeoutMs: number;
}

interface ArrivedStream {
  readonly stream: ServerHttp2Stream;
  readonly rawHeaders: readonly string[];
  /** The request has no body. */
  readonly ended: boolean;
}

/** Forwards one HTTP/2 request to the API over HTTP/1.1, and its response back, including trailers. */
export function forwardStream({ stream, rawHeaders, ended }: ArrivedStream, parts: StreamParts): void {
  stream.on('error', () => {});
  const { session } = stream;
  if (session === undefined) return;
  const respond: ArrivedRequest['respond'] = (problem) => {
    if (stream.headersSent || stream.destroyed) return;
    stream.respond({ ':status': problem.status, ...problem.headers });
    stream.end(problem.body);
    stream.resume();
  };
  const head = readHttp2Head(rawHeaders);
  const request = {
    ...head,
    hasBody: !ended,
    client: parts.clientOf(session.socket),
    isGone: () => stream.destroyed,
    respond,
  };
  parts.filter(request, ({ message, headers, observation }) => {
    if (headers.expectsContinue) stream.additionalHeaders({ ':status': 100 });
    const idleTimeout = createStreamTimeout(stream, parts.stallTimeoutMs);
    const discard = () => void stream.resume();
    const body = ended ? null : createRequestBody({ readable: stream, idleTimeout, discard });
    const outgoing = { ...message, body };
    const send = () => void parts.pool.dispatch(outgoing, exchange);
    const retry = retryOnce(outgoing, send);
    const exchange = createStreamExchange({ stream, observation, idleTimeout, respond, retry });
    send();
  });
}

function createStreamTimeout(stream: ServerHttp2Stream, limitMs: number): IdleTimeout {
  stream.on('timeout', () => stream.close(constants.NGHTTP2_CANCEL));
  return {
    start: () => stream.setTimeout(limitMs),
    stop() {
      if (!stream.writableNeedDrain) stream.setTimeout(0);
    },
  };
}

interface StreamExchangeParts {
  readonly stream: ServerHttp2Stream;
  readonly observation: Pick<Observation, 'settle' | 'responded' | 'ended'>;
  readonly idleTimeout: IdleTimeout;
  readonly respond: ArrivedRequest['respond'];
  readonly retry: Retry | undefined;
}

function createStreamExchange(parts: StreamExchangeParts): ExchangeHandler {
  const { stream, observation, idleTimeout, respond, retry } = parts;
  let hasResponse = false;
  let isComplete = false;
  let trailers: OutgoingHttpHeaders = {};
  let resumeUpstream: () => void = () => {};
  let abort: (() => void) | undefined;
  const client = { destroy: () => stream.close(constants.NGHTTP2_CANCEL) };
  const onDrain = () => {
    idleTimeout.stop();
    resumeUpstream();
  };
  stream.once('close', () => {
    observation.ended('unclear');
    if (!isComplete) abort?.();
  });

  return {
    onConnect(abortRequest) {
      abort = abortRequest;
      if (stream.destroyed) abortRequest();
    },
    onRequestSent: () => observation.settle(),
    onBodySent: () => observation.settle(),

    onHeaders(status, rawHeaders, resume) {
      hasResponse = true;
      if (stream.destroyed) return true;
      const headers = fieldsOf(readResponseHeaders(rawHeaders));
      if (status < 200) {
        if (status !== 101) stream.additionalHeaders({ ':status': status, ...headers });
        return true;
      }
      observation.responded(readResponseHead(status, rawHeaders), client);
      resumeUpstream = resume;
      stream.once('wantTrailers', () => stream.sendTrailers(trailers));
      stream.respond({ ':status': status, ...headers }, { waitForTrailers: true });
      return true;
    },

    onData(chunk) {
      if (stream.destroyed || stream.write(chunk)) return true;
      idleTimeout.start();
      stream.once('drain', onDrain);
      return false;
    },

    onComplete(rawTrailers) {
      isComplete = true;
      observation.ended(readGrpcTrailers(rawTrailers));
      trailers = fieldsOf(readTrailers(rawTrailers ?? []).flat());
      if (!stream.writableEnded) stream.end();
      if (stream.writableLength > 0) idleTimeout.start();
    },

    onError(error) {
      if (stream.destroyed || (!hasResponse && retry?.(error) === true)) return;
      isComplete = true;
      observation.settle();
      if (stream.headersSent) stream.close(constants.NGHTTP2_INTERNAL_ERROR);
      else respond(problemOf(error));
    },
  };
}

/** Node.js's HTTP/2 takes names in lower case, and one list for a repeated field. */
function fieldsOf(pairs: readonly string[]): OutgoingHttpHeaders {
  const fields: Record<string, string | string[]> = Object.create(null);
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    const name = pairs[index]?.toLowerCase() ?? '';
    const value = pairs[index + 1] ?? '';
    const before = fields[name];
    if (before === undefined) fields[name] = value;
    else fields[name] = Array.isArray(before) ? [...before, value] : [before, value];
  }
  return fields;
}
