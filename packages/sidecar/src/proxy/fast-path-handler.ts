import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ClientResponse, FastPathHandler } from '../fast-path/client-response.ts';
import type { BodyPart } from '../fast-path/response-body.ts';
import type { UpstreamExchange } from '../fast-path/upstream-exchange.ts';
import type { UpstreamPool } from '../fast-path/upstream-pool.ts';
import { responseHead, writeProblem } from '../fast-path/write-response.ts';
import { ONE_PIECE_BYTES } from '../http/limits.ts';
import { problemOf } from '../http/problem.ts';
import type { ClientConnection } from '../http/request-headers.ts';
import { addAbsent, readResponseHeaders } from '../http/response-headers.ts';
import { readGrpcTrailers, readResponseHead } from '../http/response-reader.ts';
import { isIdempotent } from '../http/retry.ts';
import type { SunsetFields } from '../http/sunset-fields.ts';
import { readTrailers } from '../http/trailers.ts';
import type { Observation } from '../meter/observer.ts';
import type { RequestFilter } from './request-filter.ts';
import type { UpstreamHealth } from './upstream-health.ts';

/** A request that the fast path has sent to the API, and whose response needs another reader. */
export interface BegunExchange {
  readonly message: { readonly method: string; readonly path: string; readonly headers: readonly string[] };
  readonly observation: Pick<Observation, 'settle' | 'responded' | 'ended'>;
  readonly sunset: SunsetFields;
  /** Everything that comes from the API. */
  readonly bytes: Duplex;
}

interface FastPathHandlerParts {
  readonly filter: RequestFilter;
  readonly clientOf: (socket: Socket) => ClientConnection;
  readonly upstream: UpstreamPool;
  readonly health: UpstreamHealth;
  /** Called just before the client's connection goes to the HTTP server, which reads the same request again. */
  readonly onBegun: (client: Socket, begun: BegunExchange) => void;
}

/** Forwards simple requests to the API, and simple responses back. */
export function createFastPathHandler(parts: FastPathHandlerParts): FastPathHandler {
  const { filter, clientOf, upstream, health, onBegun } = parts;
  return ({ method, target, rawHeaders, body }, response) => {
    const respond = (problem: Parameters<typeof writeProblem>[1]) => writeProblem(response, problem);
    const client = clientOf(response.socket);
    const request = { method, target, rawHeaders, client, isGone: response.isGone, respond };
    filter(request, ({ message, observation, sunset }) => {
      const bytes = requestHead(message) + body.toString('latin1');
      const exchange = createFastExchange(
        { response, observation, health, sunset },
        {
          onUnsupported(bytes) {
            onBegun(response.socket, { message, observation, sunset, bytes });
            response.handOver();
          },
          retry() {
            if (body.length > 0 || !isIdempotent(method)) return false;
            upstream.resend({ method, bytes }, exchange);
            return true;
          },
        },
      );
      upstream.send({ method, bytes }, exchange);
    });
  };
}

/** Every part comes from a parsed header section, or is ours, so that none contains a line break. */
function requestHead({ method, path, headers }: BegunExchange['message']): string {
  let head = `${method} ${path} HTTP/1.1\r\n`;
  for (let index = 0; index + 1 < headers.length; index += 2) head += `${headers[index]}: ${headers[index + 1]}\r\n`;
  return `${head}\r\n`;
}

function lastChunk(rawTrailers: readonly string[]): string {
  return `0\r\n${readTrailers(rawTrailers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`;
}

interface Fallbacks {
  onUnsupported(bytes: Duplex): void;
  /** Sends the request once more, if allowed. */
  retry(): boolean;
}

interface FastExchangeParts extends Pick<BegunExchange, 'observation' | 'sunset'> {
  readonly response: ClientResponse;
  readonly health: UpstreamHealth;
}

function createFastExchange(
  { response, observation, health, sunset }: FastExchangeParts,
  { onUnsupported, retry }: Fallbacks,
): UpstreamExchange {
  let hasBegun = false;
  let isChunked = false;
  let abort: () => void = () => {};
  const write = (head: string, { data, trailers }: BodyPart) => {
    const isFramed = isChunked && data.length > 0;
    const before = isFramed ? `${head}${data.length.toString(16)}\r\n` : head;
    const after = (isFramed ? '\r\n' : '') + (isChunked && trailers !== undefined ? lastChunk(trailers) : '');
    if (data.length <= ONE_PIECE_BYTES) {
      const text = before + data.toString('latin1') + after;
      return text === '' || response.write(text);
    }
    return response.write(Buffer.concat([Buffer.from(before, 'latin1'), data, Buffer.from(after, 'latin1')]));
  };
  const exchange: UpstreamExchange = {
    onConnect(control) {
      const { resume } = control;
      abort = control.abort;
      response.onGone(abort);
      response.onDrain(resume);
      if (response.isGone()) abort();
    },

    onRequestSent: observation.settle,

    onResponse({ status, statusText, rawHeaders, length }, part) {
      hasBegun = true;
      if (health.isFailing) health.responded();
      isChunked = length === 'chunked';
      const head = readResponseHead(status, rawHeaders);
      observation.responded(head, response);
      if (head === 'stream' || head === 'in_trailers') noteEndOf(exchange, { response, observation, abort });
      if (part.trailers !== undefined) observation.ended(readGrpcTrailers(part.trailers));
      const fields = addAbsent(readResponseHeaders(rawHeaders), sunset);
      if (isChunked) fields.push('Transfer-Encoding', 'chunked');
      return write(responseHead(response, status, statusText, fields), part);
    },

    onData(part) {
      if (part.trailers !== undefined) observation.ended(readGrpcTrailers(part.trailers));
      return write('', part);
    },
    onComplete: response.end,
    onUnsupported,

    onError(error, mayBeUnread) {
      if (response.isGone() || (!hasBegun && mayBeUnread && retry())) return;
      health.failed(error);
      observation.settle();
      observation.ended('unclear');
      if (hasBegun) response.destroy();
      else writeProblem(response, problemOf(error));
    },
  };
  return exchange;
}

interface FastStream {
  readonly response: ClientResponse;
  readonly observation: Pick<Observation, 'ended'>;
  readonly abort: () => void;
}

/** Tells the observation when a stream ends. Other responses, which are nearly all, do without these listeners. */
function noteEndOf(exchange: UpstreamExchange, { response, observation, abort }: FastStream): void {
  response.onGone(() => {
    abort();
    observation.ended('unclear');
  });
  exchange.onComplete = () => {
    observation.ended('unclear');
    response.end();
  };
}
