import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type Limits, MAX_UNFINISHED_BYTES } from '../http/limits.ts';
import { openFastConnection } from './fast-connection.ts';
import type { FastConnection, FastConnectionParts } from './fast-connection-parts.ts';
import { LentSocket } from './lent-socket.ts';
import { createUnfinishedBytes } from './unfinished-bytes.ts';
import { keepAliveFields } from './write-response.ts';

export interface FastPathOptions
  extends Pick<FastConnectionParts, 'handle' | 'onHttp2' | 'closing'>,
    Pick<Limits, 'headerTimeoutMs' | 'stallTimeoutMs' | 'idleTimeoutMs'> {}

/** The connections of a server. */
export interface FastPath {
  /** Closes those on which no request has been on its way for a second. */
  closeIdleConnections(): void;
  /** Serves a connection that the HTTP server has detached, from its next request on. */
  readonly serve: ServeConnection;
}

export type ServeConnection = (socket: Socket) => void;

/** A timeout is late by no more than this, or by a quarter. */
const CHECK_MS = 500;

/**
 * Receives the connections of a server, and lends it their requests one at a time: those that are not simple, or all of
 * them without a handler.
 * @param server has all of its listeners for requests.
 * @param event the one by which the server receives connections.
 */
export function openFastPath(
  server: Server,
  event: 'connection' | 'secureConnection',
  options: FastPathOptions,
): FastPath {
  const connections = new Set<FastConnection>();
  const listeners = server.listeners(event);
  const serveOverNodeHttp = (socket: Socket) => {
    for (const listener of listeners) listener.call(server, socket);
  };
  const onUpgrade = (socket: Socket) => {
    serveOverNodeHttp(socket);
    socket.resume();
  };
  const parts: FastConnectionParts = {
    ...options,
    keepAlive: keepAliveFields(options.idleTimeoutMs),
    unfinished: createUnfinishedBytes(MAX_UNFINISHED_BYTES),
    serve: serveOverNodeHttp,
    onUpgrade: server.listenerCount('upgrade') > 0 ? onUpgrade : undefined,
    onLeave: (connection) => void connections.delete(connection),
  };
  const serve = (socket: Socket) => void connections.add(openFastConnection(socket, parts));
  server.removeAllListeners(event);
  server.on(event, serve);

  const begin = (request: IncomingMessage, response: ServerResponse) => {
    if (request.socket instanceof LentSocket) request.socket.begin(request, response);
  };
  server.prependListener('request', begin);
  // With a listener, Node.js leaves the response to it.
  if (server.listenerCount('checkContinue') > 0) server.prependListener('checkContinue', begin);
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    begin(request, response);
    response.writeHead(417).end();
  });

  /** A process that was paused finds every time past when it goes on: it reads what has arrived before it judges. */
  const judge = (act: (connection: FastConnection, nowMs: number) => void) => () => {
    const nowMs = performance.now();
    setImmediate(() => {
      for (const connection of connections) act(connection, nowMs);
    });
  };
  const check = judge((connection, nowMs) => connection.check(nowMs));
  const checking = setInterval(check, Math.min(CHECK_MS, options.headerTimeoutMs / 4)).unref();
  server.once('close', () => clearInterval(checking));
  return {
    serve,
    closeIdleConnections: judge((connection, nowMs) => connection.closeIfIdle(nowMs)),
  };
}
