import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { IdleTimeout } from '../http/idle-timeout.ts';
import { ONE_PIECE_BYTES } from '../http/limits.ts';
import { problemOf, sendProblem } from '../http/problem.ts';
import { readResponseHeaders } from '../http/response-headers.ts';
import { readGrpcTrailers, readResponseHead } from '../http/response-reader.ts';
import { readTrailers } from '../http/trailers.ts';
import type { Observation } from '../meter/observer.ts';
import type { Retry } from './retry.ts';

/** undici's handler, with the one event that its types omit. */
export interface ExchangeHandler extends Dispatcher.DispatchHandler {
  onRequestSent(): void;
}

export interface ExchangeParts {
  readonly response: ServerResponse;
  readonly observation: Pick<Observation, 'settle' | 'responded' | 'ended'>;
  /** Whether the sidecar is going out of service: then the response is the last on its connection. */
  readonly closing: () => boolean;
  readonly body: Readable | null;
  readonly idleTimeout: IdleTimeout;
  /** Absent for what must not be sent twice. */
  readonly retry?: Retry | undefined;
}

const PRINTABLE = /^[\t\x20-\x7e]*$/;

/**
 * Forwards the API's response to the client as it comes, chunk by chunk, each side no faster than the other accepts it,
 * and ends either side when the other disconnects.
 *
 * It implements undici's event interface rather than its streams: no object per chunk, raw headers, and the moment
 * when the request has been sent, from which it counts.
 */
export function createExchange({
  response,
  observation,
  closing,
  body,
  idleTimeout,
  retry,
}: ExchangeParts): ExchangeHandler {
  let abort: (() => void) | undefined;
  let resumeUpstream: () => void = () => {};
  const onDrain = () => {
    idleTimeout.stop();
    resumeUpstream();
  };
  let isClientGone = false;
  let isComplete = false;
  let hasResponse = false;
  let hasBegunBody = false;
  /** The first chunk of the body, held back while the rest may have arrived together with it. */
  let first: Buffer | undefined;
  response.once('close', () => {
    observation.ended('unclear');
    if (isComplete) return;
    isClientGone = true;
    abort?.();
  });
  const write = (chunk: Buffer) => {
    if (response.write(chunk)) return true;
    idleTimeout.start();
    response.once('drain', onDrain);
    return false;
  };
  const begin = () => {
    if (hasBegunBody || isComplete || isClientGone) return;
    hasBegunBody = true;
    if (first === undefined) response.flushHeaders();
    else write(first);
    first = undefined;
  };

  return {
    onConnect(abortRequest) {
      abort = abortRequest;
      if (isClientGone) abortRequest();
    },

    onRequestSent() {
      observation.settle();
    },

    onBodySent() {
      observation.settle();
    },

    onHeaders(status, rawHeaders, resume, statusText) {
      hasResponse = true;
      if (status < 200) {
        writeInformation(response, status, rawHeaders);
        return true;
      }
      observation.responded(readResponseHead(status, rawHeaders), response);
      response.sendDate = false;
      if (closing()) response.shouldKeepAlive = false;
      const fields = readResponseHeaders(rawHeaders);
      if (!canHaveTrailers(response, status, fields)) removeField(fields, 'trailer');
      response.writeHead(status, PRINTABLE.test(statusText) ? statusText : '', fields);
      resumeUpstream = resume;
      // The head of an event stream must not wait for the first event.
      process.nextTick(begin);
      return true;
    },

    onData(chunk) {
      if (!hasBegunBody && first === undefined) {
        first = chunk;
        return true;
      }
      begin();
      return write(chunk);
    },

    onComplete(rawTrailers) {
      isComplete = true;
      observation.ended(readGrpcTrailers(rawTrailers));
      if (rawTrailers !== null && rawTrailers.length > 0) response.addTrailers(readTrailers(rawTrailers));
      // node:http sends head and body in one piece if both are text, and not if the body is a buffer.
      if (first !== undefined && first.length <= ONE_PIECE_BYTES) response.end(first.toString('latin1'), 'latin1');
      else response.end(first);
      if (response.writableLength > 0) idleTimeout.start();
    },

    onError(error) {
      if (isClientGone || (!hasResponse && retry?.(error) === true)) return;
      isComplete = true;
      // If the request failed before it was sent, undici has not touched its body.
      body?.destroy();
      observation.settle();
      if (response.headersSent) response.destroy();
      else sendProblem(response, problemOf(error));
    },
  };
}

/** Only chunks end in trailers (RFC 9112 §7.1.2). Node.js throws on an announcement where it writes none. */
function canHaveTrailers({ req }: ServerResponse, status: number, fields: readonly string[]): boolean {
  if (req.httpVersion === '1.0' || req.method === 'HEAD' || status === 204 || status === 304) return false;
  return !fields.some((name, index) => index % 2 === 0 && name.toLowerCase() === 'content-length');
}

function removeField(fields: string[], name: string): void {
  for (let index = fields.length - 2; index >= 0; index -= 2) {
    if (fields[index]?.toLowerCase() === name) fields.splice(index, 2);
  }
}

/** Forwards the informational responses that Node.js can write: 102, and 103 with its links. */
function writeInformation(response: ServerResponse, status: number, rawHeaders: readonly Buffer[]): void {
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
    // Hints are optional, and Node.js rejects unusual ones.
  }
}
