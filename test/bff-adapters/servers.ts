import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Bff } from '@crossfade/client';
import { crossfadeBff as expressBff } from '@crossfade/client/express';
import { crossfadeBff as fastifyBff } from '@crossfade/client/fastify';
import { crossfadeBff as fetchBff } from '@crossfade/client/fetch';
import express5 from 'express';
import express4 from 'express4';
import Fastify from 'fastify';
import { Hono } from 'hono';
import { nodeListener } from './node-listener.ts';

/** An application with a backend for browsers, over HTTP. */
export interface RunningServer {
  readonly base: string;
  close(): Promise<void>;
}

/**
 * A server with three routes of its own: `/me` responds with the user, `/mine` with what the API at `?url=` responds to them, and
 * `POST /length` with the length of its JSON, which a parser of the application has read.
 */
export interface ServerUnderTest {
  readonly name: string;
  start(bff: Bff): Promise<RunningServer>;
}

const fastify: ServerUnderTest = {
  name: 'Fastify 5',
  async start(bff) {
    const app = Fastify();
    app.server.keepAliveTimeout = 0;
    await app.register(fastifyBff, { bff });
    app.get('/me', async (request) => ({ subject: (await request.crossfade.user())?.subject ?? null }));
    app.get<{ Querystring: { url: string } }>('/mine', async (request) => {
      const response = await request.crossfade.fetch(request.query.url);
      return response.json();
    });
    app.post('/length', async (request) => ({ length: JSON.stringify(request.body).length }));
    const base = await app.listen({ port: 0, host: '127.0.0.1' });
    return {
      base,
      async close() {
        app.server.closeAllConnections();
        await app.close();
      },
    };
  },
};

function express(name: string, create: typeof express5): ServerUnderTest {
  return {
    name,
    async start(bff) {
      const app = create();
      app.use(expressBff({ bff }));
      app.use(create.json());
      app.get('/me', (request, response, next) => {
        const user = request.crossfade?.user() ?? Promise.resolve(undefined);
        user.then((known) => response.json({ subject: known?.subject ?? null }), next);
      });
      app.get('/mine', (request, response, next) => {
        const fetched = request.crossfade?.fetch(String(request.query['url'])).then((mine) => mine.json());
        fetched?.then((body) => response.json(body), next);
      });
      app.post('/length', (request, response) => {
        response.json({ length: JSON.stringify(request.body).length });
      });
      return listen(createServer(app));
    },
  };
}

const hono: ServerUnderTest = {
  name: 'fetch, in Hono',
  async start(bff) {
    const app = new Hono();
    const handle = fetchBff({ bff });
    app.use(async (context, next) => (await handle(context.req.raw)) ?? next());
    app.get('/me', async (context) => context.json({ subject: (await bff.user(context.req.raw))?.subject ?? null }));
    app.get('/mine', async (context) => {
      const response = await bff.fetch(context.req.raw, context.req.query('url') ?? '');
      return context.json((await response.json()) as object);
    });
    app.post('/length', async (context) => context.json({ length: JSON.stringify(await context.req.json()).length }));
    return listen(createServer(nodeListener((request) => Promise.resolve(app.fetch(request)))));
  },
};

async function listen(server: Server): Promise<RunningServer> {
  // On a slow machine the server would close an idle connection just when a client uses it again.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export const SERVERS: readonly ServerUnderTest[] = [
  fastify,
  express('Express 5', express5),
  express('Express 4', express4 as unknown as typeof express5),
  hono,
];
