import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { ClientConnection } from '../http/request-headers.ts';
import { readResponseHeaders, readTrailers } from '../http/response-headers.ts';
import type { Observation } from '../meter/observer.ts';
import type { Admission } from '../proxy/admission.ts';
import { ONE_PIECE_BYTES, problemOf } from '../proxy/exchange.ts';
import { isIdempotent } from '../proxy/retry.ts';
import type { FastHandler, Turn } from './fast-connection.ts';
import type { BodyPart } from './response-body.ts';
import type { ApiExchange } from './upstream-connection.ts';
import type { ApiConnections } from './upstream-pool.ts';
import { answerHead, answerProblem } from './write-response.ts';

/** A request that has gone to the API here, and whose answer is to be read elsewhere. */
export interface BegunExchange {
  readonly message: { readonly method: string; readonly path: string; readonly headers: readonly string[] };
  readonly observation: Pick<Observation, 'settle' | 'responded'>;
  /** All that comes from the API. */
  readonly bytes: Readable;
}

interface FastProxyParts {
  readonly admit: Admission;
  readonly clientOf: (socket: Socket) => ClientConnection;
  readonly api: ApiConnections;
  /** The client's connection is with the HTTP server again, which will read the same request. */
  readonly onBegun: (client: Socket, begun: BegunExchange) => void;
}

/** Passes plain requests on to the API, and plain answers back. */
export function createFastProxy({ admit, clientOf, api, onBegun }: FastProxyParts): FastHandler {
  return ({ method, target, rawHeaders, body }, turn) => {
    const answer = (problem: Parameters<typeof answerProblem>[1]) => answerProblem(turn, problem);
    const client = clientOf(turn.socket);
    admit({ method, target, rawHeaders, client, gone: turn.isGone, answer }, ({ message, observation }) => {
      const bytes = requestHead(message) + body.toString('latin1');
      let mayRepeat = body.length === 0 && isIdempotent(method);
      const send = () => api.send({ method, bytes }, exchange);
      const exchange = createFastExchange(turn, observation, {
        onOther(bytes) {
          onBegun(turn.socket, { message, observation, bytes });
          turn.handOver();
        },
        repeat() {
          if (!mayRepeat) return false;
          mayRepeat = false;
          // By then it is known which other connections were closed with it.
          setImmediate(send);
          return true;
        },
      });
      send();
    });
  };
}

/** All of it has been read from a header section, or is ours: there is no end of a line in it. */
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

interface OtherEnds {
  onOther(bytes: Readable): void;
  /** Sends the request once more, if that is in order. */
  repeat(): boolean;
}

function createFastExchange(
  turn: Turn,
  observation: BegunExchange['observation'],
  { onOther, repeat }: OtherEnds,
): ApiExchange {
  let isAnswered = false;
  let isChunked = false;
  const pass = (head: string, { data, trailers }: BodyPart) => {
    const isFramed = isChunked && data.length > 0;
    const before = isFramed ? `${head}${data.length.toString(16)}\r\n` : head;
    const behind = (isFramed ? '\r\n' : '') + (isChunked && trailers !== undefined ? lastChunk(trailers) : '');
    if (data.length <= ONE_PIECE_BYTES) {
      const text = before + data.toString('latin1') + behind;
      return text === '' || turn.write(text);
    }
    return turn.write(Buffer.concat([Buffer.from(before, 'latin1'), data, Buffer.from(behind, 'latin1')]));
  };
  return {
    onConnect({ abort, resume }) {
      turn.onGone(abort);
      turn.onDrain(resume);
      if (turn.isGone()) abort();
    },

    onRequestSent: observation.settle,

    onAnswer({ status, statusText, rawHeaders, length }, part) {
      isAnswered = true;
      isChunked = length === 'chunked';
      observation.responded(status);
      const fields = readResponseHeaders(rawHeaders);
      if (isChunked) fields.push('Transfer-Encoding', 'chunked');
      return pass(answerHead(turn, status, statusText, fields), part);
    },

    onData: (part) => pass('', part),
    onComplete: turn.end,
    onOther,

    onError(error, inTurn) {
      if (turn.isGone() || (!isAnswered && inTurn && repeat())) return;
      observation.settle();
      if (isAnswered) turn.cut();
      else answerProblem(turn, problemOf(error));
    },
  };
}
