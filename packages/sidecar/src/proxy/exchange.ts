import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { errorCode } from '@crossfade/core';
import { type Dispatcher, errors } from 'undici';
import type { StallGuard } from '../http/idle-timeout.ts';
import { BAD_GATEWAY, BAD_REQUEST, GATEWAY_TIMEOUT, type Problem, send } from '../http/problem.ts';
import { readResponseHeaders, readTrailers } from '../http/response-headers.ts';
import type { Observation } from '../meter/observer.ts';
import type { Repeat } from './retry.ts';

/** undici's own handler, with the one event its types leave out. */
export interface ExchangeHandler extends Dispatcher.DispatchHandler {
  onRequestSent(): void;
}

/** What an exchange connects. */
export interface ExchangeParts {
  readonly response: ServerResponse;
  readonly observation: Pick<Observation, 'settle' | 'responded'>;
  /** The sidecar is going out of service: the answer is the last on its connection. */
  readonly closing: () => boolean;
  readonly body: Readable | null;
  readonly guard: StallGuard;
  /** Absent for what must not be sent twice. */
  readonly repeat?: Repeat | undefined;
}

/** Longer bodies are not worth copying. */
export const ONE_PIECE_BYTES = 16_384;
const PRINTABLE = /^[\t\x20-\x7e]*$/;

/**
 * One request's way through the API: writes the API's answer to the client as it comes, chunk by chunk, each side no
 * faster than the other takes it, and tells either side when the other goes away.
 *
 * It speaks undici's event interface rather than its streams: no object per chunk, raw headers, and the moment at
 * which the request left, which is what makes it count.
 */
export function createExchange({
  response,
  observation,
  closing,
  body,
  guard,
  repeat,
}: ExchangeParts): ExchangeHandler {
  let abort: (() => void) | undefined;
  let resumeAnswer: () => void = () => {};
  const onDrain = () => {
    guard.ease();
    resumeAnswer();
  };
  let clientGone = false;
  let complete = false;
  let isAnswered = false;
  let isBegun = false;
  /** The first of the body, for as long as the rest may have arrived with it. */
  let first: Buffer | undefined;
  response.once('close', () => {
    if (complete) return;
    clientGone = true;
    abort?.();
  });
  const pass = (chunk: Buffer) => {
    if (response.write(chunk)) return true;
    guard.wait();
    response.once('drain', onDrain);
    return false;
  };
  const begin = () => {
    if (isBegun || complete || clientGone) return;
    isBegun = true;
    if (first === undefined) response.flushHeaders();
    else pass(first);
    first = undefined;
  };

  return {
    onConnect(abortRequest) {
      abort = abortRequest;
      if (clientGone) abortRequest();
    },

    onRequestSent() {
      observation.settle();
    },

    onBodySent() {
      observation.settle();
    },

    onHeaders(status, rawHeaders, resume, statusText) {
      isAnswered = true;
      if (status < 200) {
        passInformation(response, status, rawHeaders);
        return true;
      }
      observation.responded(status);
      response.sendDate = false;
      if (closing()) response.shouldKeepAlive = false;
      response.writeHead(status, PRINTABLE.test(statusText) ? statusText : '', readResponseHeaders(rawHeaders));
      resumeAnswer = resume;
      // Server-sent events: the head must not wait for the first event.
      process.nextTick(begin);
      return true;
    },

    onData(chunk) {
      if (!isBegun && first === undefined) {
        first = chunk;
        return true;
      }
      begin();
      return pass(chunk);
    },

    onComplete(rawTrailers) {
      complete = true;
      if (rawTrailers !== null && rawTrailers.length > 0) response.addTrailers(readTrailers(rawTrailers));
      // Head and body as one text leave in one piece; as a text and a buffer they would not.
      if (first !== undefined && first.length <= ONE_PIECE_BYTES) response.end(first.toString('latin1'), 'latin1');
      else response.end(first);
      if (response.writableLength > 0) guard.wait();
    },

    onError(error) {
      if (clientGone || (!isAnswered && repeat?.(error) === true)) return;
      complete = true;
      // A request that failed before it left has not touched its body yet.
      body?.destroy();
      observation.settle();
      if (response.headersSent) response.destroy();
      else send(response, problemOf(error));
    },
  };
}

/** Passes on what Node.js can: 102, and 103 with its links. */
function passInformation(response: ServerResponse, status: number, rawHeaders: readonly Buffer[]): void {
  if (status === 102) response.writeProcessing();
  if (status !== 103) return;
  const links: string[] = [];
  const fields = readResponseHeaders(rawHeaders);
  for (let index = 0; index + 1 < fields.length; index += 2) {
    if (fields[index]?.toLowerCase() === 'link') links.push(fields[index + 1] ?? '');
  }
  try {
    response.writeEarlyHints({ link: links });
  } catch {
    // Hints are optional, and Node.js is strict about their form.
  }
}

/** What the client is told about a failure: nothing of what went wrong inside. */
export function problemOf(error: Error): Problem {
  if (
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.ConnectTimeoutError ||
    errorCode(error) === 'ETIMEDOUT'
  ) {
    return GATEWAY_TIMEOUT;
  }
  const ours = error instanceof errors.InvalidArgumentError || error instanceof errors.NotSupportedError;
  return ours ? BAD_REQUEST : BAD_GATEWAY;
}
