import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { type FastLane, type FastLaneOptions, openFastLane, type Serve } from '../fast-path/fast-path.ts';
import { acceptHttp2, type Http2Handler, type Http2Sessions } from '../http/http2-sessions.ts';
import { IDLE_TIMEOUT_MS, type Limits } from '../http/limits.ts';
import { MAX_HEADER_BYTES } from './upstream.ts';

/** What serves the data port. */
export interface DataHandlers {
  /** What is beyond doubt, and most of the traffic. */
  readonly fast: Pick<FastLaneOptions, 'handle' | 'closing'>;
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Absent: a request to change protocols is served as if it had not asked. */
  upgrade?(serve: Serve, request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Absent: clients get HTTP/1.1 only. */
  stream?: Http2Handler;
}

/** A certificate chain and its private key, both PEM. */
export interface KeyPair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** The data port. */
export interface DataServer {
  readonly server: Server;
  /** Stops listening and waits for what is in flight; after `graceMs`, cuts it off. */
  stop(graceMs: number): Promise<void>;
  /** For the connections to come; those that stand keep theirs. Without TLS, does nothing. */
  renewKeyPair(pair: KeyPair): void;
}

/**
 * The data port's HTTP server. Bounds a header section in size and time; leaves the time a body may take to the API,
 * which sees it arrive at the client's pace.
 */
export function createDataServer(handlers: DataHandlers, limits: Limits, keyPair?: KeyPair): DataServer {
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
  const handshake = { ALPNProtocols, handshakeTimeout: limits.headerTimeoutMs };
  const tls = keyPair === undefined ? undefined : createTlsServer({ ...options, ...keyPair, ...handshake }, handle);
  const server: Server = tls ?? createServer(options, handle);
  const lane = openFastLane(server, tls === undefined ? 'connection' : 'secureConnection', {
    ...limits,
    ...handlers.fast,
  });
  const sessions = tls === undefined || stream === undefined ? undefined : acceptHttp2(tls, stream);
  server.maxConnections = limits.maxConnections;
  // The size is the limit. A limit in number would drop headers silently, `Authorization` among them.
  server.maxHeadersCount = 0;
  // Whether the client may send its body is decided where it is decided whether the request goes on.
  server.on('checkContinue', handle);
  if (upgrade !== undefined) {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      upgrade(lane.serve, request, socket, head),
    );
  }
  return {
    server,
    stop: (graceMs) => stopServer([server, lane], sessions, graceMs),
    renewKeyPair: (pair) => tls?.setSecureContext({ ...pair }),
  };
}

const POLL_MS = 50;

async function stopServer(
  [server, lane]: readonly [Server, FastLane],
  sessions: Http2Sessions | undefined,
  graceMs: number,
): Promise<void> {
  const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
  sessions?.close();
  lane.closeIdleConnections();
  // A connection whose answer had begun before the stop stays open when it is done: nothing else would close it.
  const idle = setInterval(() => {
    server.closeIdleConnections();
    lane.closeIdleConnections();
  }, POLL_MS).unref();
  const cut = setTimeout(() => {
    server.closeAllConnections();
    lane.closeAllConnections();
    sessions?.destroy();
  }, graceMs);
  await stopped;
  clearInterval(idle);
  clearTimeout(cut);
}
