import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import fastify from 'fastify';
import type { Collector } from './collector.ts';
import { addJudgementsRoute } from './judgements-route.ts';

/** Takes judgements, and nothing else, where the admin port does not: at a Unix socket. */
export interface JudgementsServer {
  /** Not listening yet. */
  readonly server: Server;
  close(): Promise<void>;
}

/** Who may send is decided by the permissions of the socket and its folder: the process's umask makes them. */
export async function createJudgementsServer(collector: Pick<Collector, 'take'>): Promise<JudgementsServer> {
  const app = fastify({ logger: false });
  addJudgementsRoute(app, collector);
  await app.ready();
  const server = createServer((request, response) => app.routing(request, response));
  return {
    server,
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
