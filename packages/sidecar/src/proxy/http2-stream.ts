import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { HttpRejection } from '@crossfade/validator';
import type { Pool } from 'undici';
import { readHttp2Head } from '../http/http2-head.ts';
import type { StallGuard } from '../http/idle-timeout.ts';
import type { Problem } from '../http/problem.ts';
import { createRequestBody } from '../http/request-body.ts';
import type { ClientConnection } from '../http/request-headers.ts';
import { readResponseHeaders, readTrailers } from '../http/response-headers.ts';
import type { Observation } from '../meter/observer.ts';
import type { Admission } from './admission.ts';
import { type ExchangeHandler, problemOf } from './exchange.ts';
import { type Repeat, repeatOnce } from './retry.ts';

interface StreamParts {
  readonly admit: Admission;
  readonly clientOf: (socket: Socket) => ClientConnection;
  readonly pool: Pool;
  readonly stallTimeoutMs: number;
}

interface ArrivedStream {
  readonly stream: ServerHttp2Stream;
  readonly rawHeaders: readonly string[];
  /** Its header section was all of it. */
  readonly ended: boolean;
}

/** Passes one request of HTTP/2 on to the API over HTTP/1.1, and its answer back, trailers and all. */
export function passStream({ stream, rawHeaders, ended }: ArrivedStream, parts: StreamParts): void {
  stream.on('error', () => {});
  const { session } = stream;
  if (session === undefined) return;
  const answer = (problem: Problem | HttpRejection) => {
    if (stream.headersSent || stream.destroyed) return;
    stream.respond({ ':status': problem.status, ...problem.headers });
    stream.end(problem.body);
    stream.resume();
  };
  const head = readHttp2Head(rawHeaders);
  const arrival = { ...head, client: parts.clientOf(session.socket), gone: () => stream.destroyed, answer };
  parts.admit(arrival, ({ message, headers, observation }) => {
    if (headers.expectsContinue) stream.additionalHeaders({ ':status': 100 });
    const guard = guardStream(stream, parts.stallTimeoutMs);
    const discard = () => void stream.resume();
    const body = ended ? null : createRequestBody({ readable: stream, guard, discard });
    const outgoing = { ...message, body };
    const go = () => void parts.pool.dispatch(outgoing, exchange);
    const repeat = repeatOnce(outgoing, go);
    const exchange = createStreamExchange({ stream, observation, guard, answer, repeat });
    go();
  });
}

function guardStream(stream: ServerHttp2Stream, limitMs: number): StallGuard {
  stream.on('timeout', () => stream.close(constants.NGHTTP2_CANCEL));
  return {
    wait: () => stream.setTimeout(limitMs),
    ease() {
      if (!stream.writableNeedDrain) stream.setTimeout(0);
    },
  };
}

interface StreamExchangeParts {
  readonly stream: ServerHttp2Stream;
  readonly observation: Pick<Observation, 'settle' | 'responded'>;
  readonly guard: StallGuard;
  readonly answer: (problem: Problem) => void;
  readonly repeat: Repeat | undefined;
}

function createStreamExchange(parts: StreamExchangeParts): ExchangeHandler {
  const { stream, observation, guard, answer, repeat } = parts;
  let isAnswered = false;
  let complete = false;
  let trailers: OutgoingHttpHeaders = {};
  let resumeAnswer: () => void = () => {};
  let abort: (() => void) | undefined;
  const onDrain = () => {
    guard.ease();
    resumeAnswer();
  };
  stream.once('close', () => {
    if (!complete) abort?.();
  });

  return {
    onConnect(abortRequest) {
      abort = abortRequest;
      if (stream.destroyed) abortRequest();
    },
    onRequestSent: () => observation.settle(),
    onBodySent: () => observation.settle(),

    onHeaders(status, rawHeaders, resume) {
      isAnswered = true;
      if (stream.destroyed) return true;
      const headers = fieldsOf(readResponseHeaders(rawHeaders));
      if (status < 200) {
        if (status !== 101) stream.additionalHeaders({ ':status': status, ...headers });
        return true;
      }
      observation.responded(status);
      resumeAnswer = resume;
      stream.once('wantTrailers', () => stream.sendTrailers(trailers));
      stream.respond({ ':status': status, ...headers }, { waitForTrailers: true });
      return true;
    },

    onData(chunk) {
      if (stream.destroyed || stream.write(chunk)) return true;
      guard.wait();
      stream.once('drain', onDrain);
      return false;
    },

    onComplete(rawTrailers) {
      complete = true;
      trailers = fieldsOf(readTrailers(rawTrailers ?? []).flat());
      if (!stream.writableEnded) stream.end();
      if (stream.writableLength > 0) guard.wait();
    },

    onError(error) {
      if (stream.destroyed || (!isAnswered && repeat?.(error) === true)) return;
      complete = true;
      observation.settle();
      if (stream.headersSent) stream.close(constants.NGHTTP2_INTERNAL_ERROR);
      else answer(problemOf(error));
    },
  };
}

/** HTTP/2 wants names in lower case, and one list for what is repeated. */
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
