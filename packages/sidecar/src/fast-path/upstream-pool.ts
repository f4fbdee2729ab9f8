import type { Socket } from 'node:net';
import { type ApiExchange, type ApiRequest, type KeptConnection, keepConnection } from './upstream-connection.ts';

/** Connections to the API that are kept from one request to the next, each for one at a time. */
export interface ApiConnections {
  send(request: ApiRequest, exchange: ApiExchange): void;
  close(): void;
}

/**
 * Opens a connection.
 * @param onBytes is called with what arrives, which is of use during the call only; whether more can be taken.
 */
export type Connect = (
  onBytes: (bytes: Buffer) => boolean,
  done: (...result: [error: Error, socket: null] | [error: null, socket: Socket]) => void,
) => void;

/** What idles for too long is closed within this time. */
const SWEEP_MS = 250;

/**
 * Keeps to what clients of HTTP have learnt from servers that misbehave: a connection serves again one turn of the event loop
 * after its answer, so that a close right behind it is seen; not after a `HEAD`, whose answer may have a body all the
 * same; and what comes unasked for ends it.
 * @param answerTimeoutMs how long the API may take to begin its answer.
 */
export function createApiConnections(connect: Connect, answerTimeoutMs: number): ApiConnections {
  /** The one used last is used next, so that as few as possible are kept. */
  const idle: KeptConnection[] = [];
  const open = new Set<KeptConnection>();
  /** Answered in this turn of the event loop. */
  let cooling: KeptConnection[] = [];
  let isClosed = false;
  const cool = (connection: KeptConnection) => {
    if (cooling.push(connection) > 1) return;
    setImmediate(() => {
      for (const cooled of cooling) if (open.has(cooled)) idle.push(cooled);
      cooling = [];
    });
  };
  const sweep = setInterval(() => {
    const nowMs = performance.now();
    for (const connection of open) connection.check(nowMs);
  }, SWEEP_MS).unref();

  const onGone = (connection: KeptConnection) => {
    open.delete(connection);
    const place = idle.indexOf(connection);
    if (place >= 0) idle.splice(place, 1);
  };
  const onAnswered = (connection: KeptConnection) => {
    if (isClosed) connection.abort();
    else cool(connection);
  };

  const freshest = (): KeptConnection | undefined => {
    const nowMs = performance.now();
    for (;;) {
      const connection = idle.pop();
      if (connection === undefined || connection.isFresh(nowMs)) return connection;
      connection.abort();
    }
  };

  return {
    send(request, exchange) {
      const kept = freshest();
      if (kept !== undefined) return kept.send(request, exchange);
      let connection: KeptConnection | undefined;
      let hasSpoken = false;
      const onBytes = (bytes: Buffer) => {
        if (connection !== undefined) return connection.take(bytes);
        hasSpoken = true;
        return false;
      };
      connect(onBytes, (error, socket) => {
        if (error !== null) return exchange.onError(error, false);
        if (isClosed || hasSpoken) {
          socket.destroy();
          return exchange.onError(new Error(hasSpoken ? 'the API spoke first' : 'the connections are closed'), false);
        }
        connection = keepConnection(socket, { answerTimeoutMs, onAnswered, onGone });
        open.add(connection);
        connection.send(request, exchange);
      });
    },
    close() {
      isClosed = true;
      clearInterval(sweep);
      for (const connection of open) connection.abort();
    },
  };
}
