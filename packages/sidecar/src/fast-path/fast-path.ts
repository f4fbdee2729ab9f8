import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { type FastConnection, type FastConnectionParts, openFastConnection } from './fast-connection.ts';

export type FastPathOptions = Pick<FastConnectionParts, 'handle' | 'closing' | 'headerTimeoutMs' | 'stallTimeoutMs'>;

/** The connections that the HTTP server does not have. */
export interface FastPath {
  closeIdleConnections(): void;
  closeAllConnections(): void;
}

/** Hands a connection to the HTTP server, past the fast path. */
export type ServeConnection = (socket: Socket) => void;

/**
 * Starts every connection of a server on the fast path. It stays there as long as each request arrives whole and is
 * unambiguous; with the first that does not, the connection goes to the server for good, together with that request.
 * @param event the one by which the server receives connections.
 */
export function openFastPath(
  server: Server,
  event: 'connection' | 'secureConnection',
  options: FastPathOptions,
): FastPath & { readonly serve: ServeConnection } {
  const connections = new Set<FastConnection>();
  const listeners = server.listeners(event);
  const serve: ServeConnection = (socket) => {
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
