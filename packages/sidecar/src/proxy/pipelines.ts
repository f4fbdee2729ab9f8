import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The requests of each connection whose responses are not complete. */
export interface Pipelines {
  /** Starts a request, now or when it is its turn; never, if the client leaves before. */
  add(socket: Socket, method: string, response: ServerResponse, start: () => void): void;
  /** The responses that are not complete, in order: several, if the client pipelines. */
  open(socket: Socket): ReadonlySet<ServerResponse>;
}

/** Methods that change nothing: such requests may be on their way together (RFC 9110 §9.2.1). */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

interface Waiting {
  readonly isSafe: boolean;
  readonly response: ServerResponse;
  readonly start: () => void;
}

interface Pipeline {
  readonly open: Set<ServerResponse>;
  readonly waiting: Waiting[];
  /** How many requests are on their way. */
  started: number;
  isUnsafe: boolean;
}

const NONE: ReadonlySet<ServerResponse> = new Set();

/**
 * Sends pipelined requests to the API in order, although each has a connection of its own there: one with an unsafe
 * method waits for the responses before it, and what follows it waits for its own (RFC 9112 §9.3.2).
 */
export function createPipelines(): Pipelines {
  const pipelines = new WeakMap<Socket, Pipeline>();
  const proceed = (socket: Socket, pipeline: Pipeline) => {
    for (;;) {
      const [next] = pipeline.waiting;
      if (next === undefined) return;
      if (pipeline.started > 0 && (pipeline.isUnsafe || !next.isSafe)) return;
      pipeline.waiting.shift();
      if (next.response.destroyed || socket.destroyed) continue;
      pipeline.started += 1;
      pipeline.isUnsafe = !next.isSafe;
      next.response.once('close', () => {
        pipeline.started -= 1;
        proceed(socket, pipeline);
      });
      next.start();
    }
  };
  const pipelineOf = (socket: Socket): Pipeline => {
    const known = pipelines.get(socket);
    if (known !== undefined) return known;
    const pipeline = { open: new Set<ServerResponse>(), waiting: [], started: 0, isUnsafe: false };
    pipelines.set(socket, pipeline);
    return pipeline;
  };
  return {
    add(socket, method, response, start) {
      const pipeline = pipelineOf(socket);
      pipeline.open.add(response);
      response.once('close', () => pipeline.open.delete(response));
      if (pipeline.open.size > 1) closeWith(socket, response);
      pipeline.waiting.push({ isSafe: SAFE.has(method), response, start });
      proceed(socket, pipeline);
    },
    open: (socket) => pipelines.get(socket)?.open ?? NONE,
  };
}

/** Node.js tells only the response that is being sent when the client leaves. */
function closeWith(socket: Socket, response: ServerResponse): void {
  const close = () => {
    response.destroy();
    response.emit('close');
  };
  socket.once('close', close);
  response.once('close', () => socket.off('close', close));
}
