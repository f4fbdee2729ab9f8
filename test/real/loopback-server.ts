import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';

/** An HTTP server on 127.0.0.1. */
export interface LoopbackServer {
  readonly url: string;
  readonly port: number;
  /** Stops listening and closes all connections. Idempotent. */
  close(): Promise<void>;
}

export async function startLoopbackServer(handle: RequestListener, port = 0): Promise<LoopbackServer> {
  const server = createServer({ keepAliveTimeout: 60_000 }, handle);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    async close() {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
