import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { type FastConnection, type FastConnectionParts, openFastConnection } from './fast-connection.ts';

export type FastLaneOptions = Pick<FastConnectionParts, 'handle' | 'closing' | 'headerTimeoutMs' | 'stallTimeoutMs'>;

/** The connections that are not with the HTTP server. */
export interface FastLane {
  closeIdleConnections(): void;
  closeAllConnections(): void;
}

/** Hands a connection to the HTTP server, past the fast lane. */
export type Serve = (socket: Socket) => void;

/**
 * Lets the connections of a server begin in the fast lane, where they stay for as long as whatever comes on them is
 * plain: a request in one piece, of which nothing can be doubted. With the first that is not, the
 * connection goes to the server for good, that request first.
 * @param event at which the server gets connections.
 */
export function openFastLane(
  server: Server,
  event: 'connection' | 'secureConnection',
  options: FastLaneOptions,
): FastLane & { readonly serve: Serve } {
  const connections = new Set<FastConnection>();
  const listeners = server.listeners(event);
  const serve: Serve = (socket) => {
    for (const listener of listeners) listener.call(server, socket);
  };
  server.removeAllListeners(event);
  server.on(event, (socket: Socket) => {
    const onLeave = (connection: FastConnection) => void connections.delete(connection);
    connections.add(openFastConnection(socket, { ...options, handOver: serve, onLeave }));
  });
  const check = () => {
    const nowMs = performance.now();
    for (const connection of connections) connection.check(nowMs);
  };
  const checking = setInterval(check, Math.min(5_000, options.headerTimeoutMs)).unref();
  server.once('close', () => clearInterval(checking));
  return {
    serve,
    closeIdleConnections() {
      for (const connection of connections) connection.closeIfIdle();
    },
    closeAllConnections() {
      for (const connection of connections) connection.destroy();
    },
  };
}
