import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { type FastPath, type FastPathOptions, openFastPath, type ServeConnection } from '../fast-path/fast-path.ts';
import type { KeyPair } from '../http/certificates.ts';
import { IDLE_TIMEOUT_MS, type Limits, MAX_HEADER_BYTES } from '../http/limits.ts';
import { acceptHttp2 } from '../http2/http2-entrance.ts';
import type { Http2Handler, Http2Sessions } from '../http2/http2-sessions.ts';

/** The handlers of the data port. */
export interface DataHandlers {
  /** For simple requests, which are most of the traffic. Absent: every connection goes to node:http. */
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
    connectionsCheckingInterval: Math.min(5_000, limits.headerTimeoutMs),
    requestTimeout: 0,
    keepAliveTimeout: IDLE_TIMEOUT_MS,
    noDelay: true,
  };
  const { handle, upgrade, stream } = handlers;
  const ALPNProtocols = stream === undefined ? ['http/1.1'] : ['h2', 'http/1.1'];
  // Any certificate will do: a token names the one that it is bound to, and no other token needs one (RFC 8705 §2.2, §3).
  const handshake = { ALPNProtocols, handshakeTimeout: limits.headerTimeoutMs, requestCert, rejectUnauthorized: false };
  const tls = keyPair === undefined ? undefined : createTlsServer({ ...options, ...keyPair, ...handshake }, handle);
  const server: Server = tls ?? createServer(options, handle);
  const event = tls === undefined ? 'connection' : 'secureConnection';
  const acceptHttp2Clients = () =>
    stream && acceptHttp2(server, event, stream, { ...limits, idleTimeoutMs: IDLE_TIMEOUT_MS });
  // In clear text the first bytes tell, which the fast path has read.
  const inClearText = tls === undefined ? acceptHttp2Clients() : undefined;
  const fastPath =
    handlers.fastPath === undefined ? undefined : openFastPath(server, event, { ...limits, ...handlers.fastPath });
  const serve: ServeConnection = fastPath?.serve ?? ((socket) => void server.emit(event, socket));
  const sessions = tls === undefined ? inClearText : acceptHttp2Clients();
  server.maxConnections = limits.maxConnections;
  // The size is the limit. A limit on the number would drop headers silently, `Authorization` among them.
  server.maxHeadersCount = 0;
  // The handler decides whether the request is forwarded, and so whether the client may send its body.
  server.on('checkContinue', handle);
  if (upgrade !== undefined) {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      upgrade(serve, request, socket, head),
    );
  }
  return {
    server,
    stop: (graceMs) => stopServer({ server, fastPath, sessions }, graceMs),
    renewKeyPair: (pair) => tls?.setSecureContext({ ...pair }),
  };
}

const POLL_MS = 50;

interface OpenServer {
  readonly server: Server;
  readonly fastPath: FastPath | undefined;
  readonly sessions: Pick<Http2Sessions, 'close' | 'destroy'> | undefined;
}

async function stopServer({ server, fastPath, sessions }: OpenServer, graceMs: number): Promise<void> {
  const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
  sessions?.close();
  fastPath?.closeIdleConnections();
  // A connection whose response had begun before the stop is kept alive after it: only this closes it.
  const idle = setInterval(() => {
    server.closeIdleConnections();
    fastPath?.closeIdleConnections();
  }, POLL_MS).unref();
  const limit = setTimeout(() => {
    server.closeAllConnections();
    fastPath?.closeAllConnections();
    sessions?.destroy();
  }, graceMs);
  await stopped;
  clearInterval(idle);
  clearTimeout(limit);
}
