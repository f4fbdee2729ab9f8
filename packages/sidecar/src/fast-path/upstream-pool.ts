import type { Socket } from 'node:net';
import { notHttp1, openUpstreamConnection, type UpstreamConnection } from './upstream-connection.ts';
import type { UpstreamExchange, UpstreamRequest } from './upstream-exchange.ts';

/** Connections to the API that are reused, each for one request at a time. */
export interface UpstreamPool {
  send(request: UpstreamRequest, exchange: UpstreamExchange): void;
  /** Sends a request on a new connection: once more, after a reused one was closed. */
  resend(request: UpstreamRequest, exchange: UpstreamExchange): void;
  close(): void;
}

/**
 * Opens a connection.
 * @param onBytes receives bytes that are valid during the call only; returns whether more is accepted.
 */
export type Connect = (
  onBytes: (bytes: Buffer) => boolean,
  done: (...result: [error: Error, socket: null] | [error: null, socket: Socket]) => void,
) => void;

/** How often the timeouts of connections are checked. */
const SWEEP_MS = 250;

/**
 * Guards against servers that misbehave: a connection is reused only one turn of the event loop after its response, so
 * that a close right after it is seen; never after a `HEAD`, whose response may have a body all the same; and bytes
 * that no request asked for close it.
 * @param responseTimeoutMs how long the API may take to begin its response.
 */
export function createUpstreamPool(connect: Connect, responseTimeoutMs: number): UpstreamPool {
  /** The one used last is reused first, so that few are kept open. */
  const idle: UpstreamConnection[] = [];
  const open = new Set<UpstreamConnection>();
  /** Became idle in this turn of the event loop. */
  let cooling: UpstreamConnection[] = [];
  let isClosed = false;
  const cool = (connection: UpstreamConnection) => {
    if (cooling.push(connection) > 1) return;
    setImmediate(() => {
      for (const cooled of cooling) if (open.has(cooled)) idle.push(cooled);
      cooling = [];
    });
  };
  const sweep = setInterval(() => {
    const nowMs = performance.now();
    // After a pause of this process a response may have arrived, and not been read.
    setImmediate(() => {
      for (const connection of open) connection.check(nowMs);
    });
  }, SWEEP_MS).unref();

  const onLeave = (connection: UpstreamConnection) => {
    open.delete(connection);
    const index = idle.indexOf(connection);
    if (index >= 0) idle.splice(index, 1);
  };
  const onIdle = (connection: UpstreamConnection) => {
    if (isClosed) connection.abort();
    else cool(connection);
  };

  const takeFresh = (): UpstreamConnection | undefined => {
    const nowMs = performance.now();
    for (;;) {
      const connection = idle.pop();
      if (connection === undefined || connection.isFresh(nowMs)) return connection;
      connection.abort();
    }
  };

  const sendOnNew: UpstreamPool['send'] = (request, exchange) => {
    let connection: UpstreamConnection | undefined;
    let hasSpoken = false;
    const onBytes = (bytes: Buffer) => {
      if (connection !== undefined) return connection.receive(bytes);
      hasSpoken = true;
      return false;
    };
    connect(onBytes, (error, socket) => {
      if (error !== null) return exchange.onError(error, false);
      if (isClosed || hasSpoken) {
        socket.destroy();
        return exchange.onError(
          hasSpoken ? notHttp1('the API sent bytes before a request') : new Error('the pool is closed'),
          false,
        );
      }
      connection = openUpstreamConnection(socket, { responseTimeoutMs, onIdle, onLeave });
      open.add(connection);
      connection.send(request, exchange);
    });
  };

  return {
    send(request, exchange) {
      const reused = takeFresh();
      if (reused === undefined) sendOnNew(request, exchange);
      else reused.send(request, exchange);
    },
    resend: sendOnNew,
    close() {
      isClosed = true;
      clearInterval(sweep);
      for (const connection of open) connection.abort();
    },
  };
}
