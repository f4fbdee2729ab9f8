import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { acceptanceSwitch, type MigrationPlan } from '@crossfade/core';
import { openFlagSource } from '@crossfade/flags';
import { startSidecar } from '@crossfade/sidecar';
import { createValidator, validatorOptions } from '@crossfade/validator';
import { crossfade as expressGuard } from '@crossfade/validator/express';
import { crossfade as fastifyGuard } from '@crossfade/validator/fastify';
import { crossfade as fetchGuard } from '@crossfade/validator/fetch';
import { createValidatorMetrics, type ValidatorMetrics } from '@crossfade/validator/prometheus';
import express5 from 'express';
import express4 from 'express4';
import fastify from 'fastify';
import { Registry } from 'prom-client';
import { behaviourOf, PATHS } from './behaviours.ts';

export interface DoorRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The way in to an API: what judges and counts its requests. */
export interface Door {
  /** Sends a request, and waits for the end of its response. */
  send(request: DoorRequest): Promise<number>;
  /** What a scrape gets. */
  metrics(): Promise<string>;
  close(): Promise<unknown>;
}

interface Judging {
  readonly validator: ReturnType<typeof createValidator>;
  readonly metrics: ValidatorMetrics;
}

type OpenApi = (judging: Judging) => Promise<Pick<Door, 'send' | 'close'>>;

/** The sidecar in front of an API that judges nothing. */
export async function openSidecar(plan: MigrationPlan): Promise<Door> {
  const api = await serve((request, response) => {
    const { status, headers } = behaviourOf(request.url ?? '');
    response.writeHead(status, headers).end('{}');
  });
  const settings = {
    service: 'orders-api',
    mode: 'proxy',
    judge: 'enforce',
    upstream: api.url,
    drainTimeoutMs: 100,
  } as const;
  const sidecar = await startSidecar({
    ...plan,
    sidecar: { ...settings, listen: '127.0.0.1:0', admin: '127.0.0.1:0' },
  });
  return {
    send: (request) => sendTo(sidecar.dataUrl, request),
    metrics: async () => (await fetch(`${sidecar.adminUrl}/metrics`)).text(),
    close: () => Promise.all([sidecar.close(), api.close()]),
  };
}

/** An API that judges by itself, without a sidecar. */
async function openApi(plan: MigrationPlan, open: OpenApi): Promise<Door> {
  const registry = new Registry();
  const flags = await openFlagSource(plan.flags);
  const validator = createValidator({ ...validatorOptions(plan), acceptance: acceptanceSwitch(flags) });
  const metrics = createValidatorMetrics({ registry, plan, service: 'orders-api', validator, flags });
  // As its first scrape does, before any token comes.
  await registry.metrics();
  await validator.loadKeys();
  const { send, close } = await open({ validator, metrics });
  return {
    send,
    metrics: () => registry.metrics(),
    async close() {
      validator.close();
      await Promise.all([close(), flags.close()]);
    },
  };
}

const openFastify: OpenApi = async (judging) => {
  const app = fastify();
  await app.register(fastifyGuard, judging);
  for (const path of PATHS)
    app.route({
      method: ['GET', 'OPTIONS'],
      url: path,
      handler: async (_, reply) => {
        const { status, headers } = behaviourOf(path);
        return reply.code(status).headers(headers).send('{}');
      },
    });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { send: (request) => sendTo(url, request), close: () => app.close() };
};

/** Its routes have a guard of their own: each request passes two, and counts once. */
function openExpress(express: typeof express5): OpenApi {
  return async (judging) => {
    const app = express();
    app.use(expressGuard(judging));
    for (const path of PATHS) {
      const { status, headers } = behaviourOf(path);
      app.all(path, expressGuard(judging), (_, response) => {
        response.status(status).set(headers).send('{}');
      });
    }
    const api = await serve(app);
    return { send: (request) => sendTo(api.url, request), close: api.close };
  };
}

/** The middleware of Express without Express. */
const openNode: OpenApi = async (judging) => {
  const guard = expressGuard(judging);
  const api = await serve((request, response) => {
    const { status, headers } = behaviourOf(request.url ?? '');
    guard(Object.assign(request, { originalUrl: request.url ?? '' }), response, () => {
      response.statusCode = status;
      response.setHeaders(new Headers(headers));
      response.end('{}');
    });
  });
  return { send: (request) => sendTo(api.url, request), close: api.close };
};

const openFetch: OpenApi = async (judging) => {
  const handler = fetchGuard({ ...judging, preflight: 'pass' }, (request) => {
    const { status, headers } = behaviourOf(new URL(request.url).pathname);
    return new Response('{}', { status, headers });
  });
  return {
    async send({ method, path, headers }) {
      const response = await handler(new Request(`http://127.0.0.1${path}`, { method, headers }));
      return response.status;
    },
    async close() {},
  };
};

/** Every kind of API that can count by itself. */
export const APIS: Readonly<Record<string, (plan: MigrationPlan) => Promise<Door>>> = {
  Fastify: (plan) => openApi(plan, openFastify),
  'Express 5': (plan) => openApi(plan, openExpress(express5)),
  'Express 4': (plan) => openApi(plan, openExpress(express4 as unknown as typeof express5)),
  'node:http': (plan) => openApi(plan, openNode),
  'a fetch handler': (plan) => openApi(plan, openFetch),
};

async function serve(listener: RequestListener): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function sendTo(base: string, { method, path, headers }: DoorRequest): Promise<number> {
  const request = httpRequest(`${base}${path}`, { method, headers }).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  await once(response.resume(), 'end');
  return response.statusCode ?? 0;
}
