import { type ServerResponse, STATUS_CODES } from 'node:http';
import { clientSocket } from '../fast-path/lent-socket.ts';
import type { IdleTimeout } from '../http/idle-timeout.ts';
import { ONE_PIECE_BYTES } from '../http/limits.ts';
import { problemOf, sendProblem } from '../http/problem.ts';
import { addAbsent, readResponseHeaders, resetsContent, withoutContent } from '../http/response-headers.ts';
import { readGrpcTrailers, readResponseHead } from '../http/response-reader.ts';
import { NO_FIELDS, type SunsetFields } from '../http/sunset-fields.ts';
import { readTrailers } from '../http/trailers.ts';
import type { Observation } from '../meter/observer.ts';
import { lengthLast } from './http1-headers.ts';
import type { UpstreamHandler } from './upstream-handler.ts';
import type { UpstreamHealth } from './upstream-health.ts';

export interface ExchangeParts {
  readonly response: ServerResponse;
  readonly observation: Pick<Observation, 'settle' | 'responded' | 'ended'>;
  /** Whether the sidecar is going out of service: then the response is the last on its connection. */
  readonly closing: () => boolean;
  readonly idleTimeout: IdleTimeout;
  readonly health: Pick<UpstreamHealth, 'isFailing' | 'failed' | 'responded'>;
  /** Goes with the response; absent: nothing. */
  readonly sunset?: SunsetFields;
}

const PRINTABLE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Forwards the API's response to the client as it comes, chunk by chunk, each side no faster than the other accepts it,
 * and ends either side when the other disconnects. It counts from the moment when the request has been sent.
 */
export function createExchange({
  response,
  observation,
  closing,
  idleTimeout,
  health,
  sunset = NO_FIELDS,
}: ExchangeParts): UpstreamHandler {
  let abort: (() => void) | undefined;
  let resumeUpstream: () => void = () => {};
  const onDrain = () => {
    idleTimeout.stop();
    resumeUpstream();
  };
  let isClientGone = false;
  let isComplete = false;
  let hasBegunBody = false;
  let hasContent = true;
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
    // An empty write sends the header section in latin1, as its octets came; `flushHeaders` would in UTF-8.
    if (first === undefined) response.write('', 'latin1');
    else write(first);
    first = undefined;
  };

  return {
    onConnect(abortRequest) {
      abort = abortRequest;
      if (isClientGone) abortRequest();
    },
    onRequestSent: observation.settle,
    onContinue() {
      // A client of HTTP/1.0 would take it for the response (RFC 9110 §15.2).
      if (response.req.httpVersion !== '1.0') response.writeContinue();
    },
    onInformation: (status, rawHeaders) => writeInformation(response, status, rawHeaders),

    onResponse({ status, statusText, rawHeaders }, resume) {
      if (health.isFailing) health.responded();
      observation.responded(readResponseHead(status, rawHeaders), response);
      response.sendDate = false;
      if (closing()) response.shouldKeepAlive = false;
      const allFields = addAbsent(readResponseHeaders(rawHeaders), sunset);
      hasContent = !resetsContent(status);
      const fields = hasContent ? lengthLast(allFields) : withoutContent(allFields);
      if (!canHaveTrailers(response, status, fields)) removeField(fields, 'trailer');
      response.writeHead(status, PRINTABLE.test(statusText) ? statusText : '', fields);
      resumeUpstream = resume;
      // The head of an event stream must not wait for the first event.
      process.nextTick(begin);
    },

    onData(chunk) {
      if (!hasContent) return true;
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
      if (hasContent && rawTrailers.length > 0) response.addTrailers(readTrailers(rawTrailers));
      // node:http sends head and body in one piece if both are text, and not if the body is a buffer.
      if (first !== undefined && first.length <= ONE_PIECE_BYTES) response.end(first.toString('latin1'), 'latin1');
      else response.end(first);
      if (response.writableLength > 0) idleTimeout.start();
    },

    onError(error) {
      if (isClientGone) return;
      health.failed(error);
      isComplete = true;
      observation.settle();
      if (response.headersSent) cut(response);
      else sendProblem(response, problemOf(error));
    },
  };
}

/**
 * Ends a response that cannot be completed. To a client of HTTP/1.0 a body without a length would look complete when its
 * connection is closed: that one is reset.
 */
function cut(response: ServerResponse): void {
  const { socket, req } = response;
  if (socket !== null && req.httpVersion === '1.0') {
    try {
      clientSocket(socket).resetAndDestroy();
    } catch {
      // Only TCP can. Over TLS, the end of what was sent is missing.
    }
  }
  response.destroy();
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

/**
 * Forwards an informational response (RFC 9110 §15.2), which Node.js can write only a few of. Not to clients of HTTP/1.0,
 * and not before the responses to earlier requests of the connection are complete: it is optional.
 */
function writeInformation(response: ServerResponse, status: number, rawHeaders: readonly string[]): void {
  const { socket, req } = response;
  if (socket === null || response.headersSent || req.httpVersion === '1.0') return;
  const fields = readResponseHeaders(rawHeaders);
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
  for (let index = 0; index + 1 < fields.length; index += 2) head += `${fields[index]}: ${fields[index + 1]}\r\n`;
  socket.write(`${head}\r\n`, 'latin1');
}
