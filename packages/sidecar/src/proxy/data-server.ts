import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** What serves the data port. */
export interface DataHandlers {
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Absent: a request to change protocols is served as if it had not asked. */
  upgrade?(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/**
 * The data port's HTTP server. Bounds a header section in size and time; leaves the time a body may take to the API,
 * which sees it arrive at the client's pace.
 */
export function createDataServer({ handle, upgrade }: DataHandlers): Server {
  const server = createServer(
    {
      maxHeaderSize: 65_536,
      headersTimeout: 30_000,
      connectionsCheckingInterval: 5_000,
      requestTimeout: 0,
      // Longer than load balancers keep theirs, so that it is never us who close a connection about to be used.
      keepAliveTimeout: 75_000,
      noDelay: true,
    },
    handle,
  );
  // The size is the limit. A limit in number would drop headers silently, `Authorization` among them.
  server.maxHeadersCount = 0;
  // Whether the client may send its body is decided where it is decided whether the request goes on.
  server.on('checkContinue', handle);
  if (upgrade !== undefined) {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      upgrade(server, request, socket, head),
    );
  }
  return server;
}

const POLL_MS = 50;

/** Stops listening and waits for what is in flight; after `graceMs`, cuts it off. */
export async function stopServer(server: Server, graceMs: number): Promise<void> {
  const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
  // A connection whose answer had begun before the stop stays open when it is done: nothing else would close it.
  const idle = setInterval(() => server.closeIdleConnections(), POLL_MS).unref();
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await stopped;
  clearInterval(idle);
  clearTimeout(cut);
}
