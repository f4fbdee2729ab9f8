import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { Observation } from '../meter/observer.ts';
import type { Admission } from '../proxy/admission.ts';
import { problemOf } from '../proxy/exchange.ts';
import type { ClientConnection } from '../proxy/request-headers.ts';
import { readResponseHeaders } from '../proxy/response-headers.ts';
import type { ApiConnections, ApiExchange } from './api-connections.ts';
import type { FastHandler, Turn } from './fast-connection.ts';
import { answerHead, answerProblem } from './write-answer.ts';

/** A request that has gone to the API here, and whose answer is to be read elsewhere. */
export interface BegunExchange {
  readonly message: { readonly method: string; readonly path: string; readonly headers: readonly string[] };
  readonly observation: Pick<Observation, 'settle' | 'answer'>;
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

/** Up to here, head and body leave in one piece. Longer bodies are not worth copying. */
const ONE_PIECE_BYTES = 16_384;

/** Passes plain requests on to the API, and plain answers back. */
export function createFastProxy({ admit, clientOf, api, onBegun }: FastProxyParts): FastHandler {
  return ({ target, rawHeaders }, turn) => {
    const answer = (problem: Parameters<typeof answerProblem>[1]) => answerProblem(turn, problem);
    const client = clientOf(turn.socket);
    admit({ method: 'GET', target, rawHeaders, client, gone: turn.isGone, answer }, ({ message, observation }) => {
      const head = requestHead(message);
      let isRepeated = false;
      const send = () => api.send(head, exchange);
      const exchange = createFastExchange(turn, observation, {
        onOther(bytes) {
          onBegun(turn.socket, { message, observation, bytes });
          turn.handOver();
        },
        repeat() {
          if (isRepeated) return false;
          isRepeated = true;
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

interface OtherEnds {
  onOther(bytes: Readable): void;
  /** Sends the request again, if that has not been done. */
  repeat(): boolean;
}

function createFastExchange(
  turn: Turn,
  observation: BegunExchange['observation'],
  { onOther, repeat }: OtherEnds,
): ApiExchange {
  let isAnswered = false;
  return {
    onConnect({ abort, resume }) {
      turn.onGone(abort);
      turn.onDrain(resume);
      if (turn.isGone()) abort();
    },

    onRequestSent: observation.settle,

    onAnswer({ status, statusText, rawHeaders }, body) {
      isAnswered = true;
      observation.answer(status);
      const head = answerHead(turn, status, statusText, readResponseHeaders(rawHeaders));
      if (body.length <= ONE_PIECE_BYTES) return turn.write(head + body.toString('latin1'));
      turn.write(head);
      return turn.write(Buffer.from(body));
    },

    onData: (chunk) => turn.write(Buffer.from(chunk)),
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
