import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { Server as NetServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type FastPath, type FastPathOptions, openFastPath, type ServeConnection } from '../fast-path/fast-path.ts';
import type { KeyPair } from '../http/certificates.ts';
import { type Limits, MAX_HEADER_BYTES } from '../http/limits.ts';
import { acceptHttp2 } from '../http2/http2-entrance.ts';
import { createHttp2Sessions, type Http2Handler, type Http2Sessions } from '../http2/http2-sessions.ts';

/** The handlers of the data port. */
export interface DataHandlers {
  /** For simple requests, which are most of the traffic. Absent: every request goes to node:http. */
  readonly fastPath?: Pick<FastPathOptions, 'handle' | 'closing'> | undefined;
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Absent: a request to change protocols is served as if it had no `Upgrade`. */
  upgrade?(serve: ServeConnection, request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Absent: clients get HTTP/1.1 only. */
  stream?: Http2Handler;
}

/** The data port. */
export interface DataServer {
  readonly server: Server;
  /** Stops listening and waits for requests in flight; after `graceMs`, closes their connections. */
  stop(graceMs: number): Promise<void>;
  /** For new connections; existing ones keep theirs. Without TLS, does nothing. */
  renewKeyPair(pair: KeyPair): void;
}

/**
 * The data port's HTTP server. Limits a header section in size and time; how long a body may take is for the API to
 * limit, which receives it at the client's pace.
 */
export function createDataServer(
  handlers: DataHandlers,
  limits: Limits,
  keyPair?: KeyPair,
  requestCert = false,
): DataServer {
  const options = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: limits.headerTimeoutMs,
    requestTimeout: 0,
    keepAliveTimeout: limits.idleTimeoutMs,
    noDelay: true,
  };
  const { handle, upgrade, stream } = handlers;
  const ALPNProtocols = stream === undefined ? ['http/1.1'] : ['h2', 'http/1.1'];
  // Any certificate will do: a token names the one that it is bound to, and no other token needs one (RFC 8705 §2.2, §3).
  const handshake = { ALPNProtocols, handshakeTimeout: limits.headerTimeoutMs, requestCert, rejectUnauthorized: false };
  const tls = keyPair === undefined ? undefined : createTlsServer({ ...options, ...keyPair, ...handshake }, handle);
  const server: Server = tls ?? createServer(options, handle);
  server.maxConnections = limits.maxConnections;
  // The size is the limit. A limit on the number would drop headers silently, `Authorization` among them.
  server.maxHeadersCount = 0;
  // The handler decides whether the request is forwarded, and so whether the client may send its body.
  server.on('checkContinue', handle);
  if (upgrade !== undefined) {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      upgrade(fastPath.serve, request, socket, head),
    );
  }
  const sessions = stream && createHttp2Sessions(stream, limits);
  const fastPath = openFastPath(server, tls === undefined ? 'connection' : 'secureConnection', {
    closing: () => false,
    ...limits,
    ...handlers.fastPath,
    // Over TLS, clients choose it by ALPN.
    onHttp2: tls === undefined ? sessions?.serve : undefined,
  });
  if (tls !== undefined && sessions !== undefined) acceptHttp2(tls, sessions);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return {
    server,
    stop: (graceMs) => stopServer({ server, fastPath, sessions, sockets }, graceMs),
    renewKeyPair: (pair) => tls?.setSecureContext({ ...pair }),
  };
}

const POLL_MS = 50;
const USE_UP_MS = 1_000;

interface OpenServer {
  readonly server: Server;
  readonly fastPath: FastPath;
  readonly sessions: Http2Sessions | undefined;
  /** Every connection, whatever it is doing: a handshake, a request, an upgrade. */
  readonly sockets: ReadonlySet<Socket>;
}

async function stopServer({ server, fastPath, sessions, sockets }: OpenServer, graceMs: number): Promise<void> {
  await connectionsAccepted();
  // That of node:http also closes connections which have just got a response, or are still getting it.
  const stopped = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
  sessions?.close();
  // A connection whose response had begun before the stop is kept alive after it: only this closes it. Before that, a
  // load balancer uses up the connections that it has, each for a last request; there are no new ones.
  let polling: NodeJS.Timeout | undefined;
  const used = setTimeout(() => {
    polling = setInterval(fastPath.closeIdleConnections, POLL_MS).unref();
  }, USE_UP_MS).unref();
  const limit = setTimeout(() => {
    sessions?.destroy();
    for (const socket of sockets) socket.destroy();
  }, graceMs);
  await stopped;
  clearTimeout(used);
  clearInterval(polling);
  clearTimeout(limit);
  // Stops its timers.
  server.close();
}

/** An empty turn of the event loop takes less. */
const EMPTY_TURN_MS = 0.1;
/** More turns than it takes, unless connections arrive faster than they can be accepted. */
const MAX_TURNS = 10_000;

/**
 * Waits for a turn of the event loop in which next to nothing happened: clients may have connections, with requests on
 * them, that the sidecar has yet to accept, and that would be reset together with the port.
 */
async function connectionsAccepted(): Promise<void> {
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    const startMs = performance.now();
    await new Promise(setImmediate);
    if (turn > 0 && performance.now() - startMs < EMPTY_TURN_MS) return;
  }
}
