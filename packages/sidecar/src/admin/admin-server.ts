import fastify, { type FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';
import type { SidecarStatus } from '../meter/status.ts';
import type { StragglersStatus } from '../meter/straggler-status.ts';
import { PAGE } from './page.ts';

export interface AdminParts {
  readonly registry: Registry;
  readonly status: () => SidecarStatus;
  readonly stragglers: () => StragglersStatus;
  /** Whether new requests should be sent here. */
  readonly ready: () => boolean;
}

/** The admin port: reads only, changes nothing. It has no authentication, which is why it listens on loopback by default. */
export function createAdminServer({ registry, status, stragglers, ready }: AdminParts): FastifyInstance {
  const app = fastify({ forceCloseConnections: true, logger: false });

  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
  });

  // Always this one format: rendering OpenMetrics makes prom-client rename its counters for good.
  app.get('/metrics', async (_request, reply) =>
    reply.type(Registry.PROMETHEUS_CONTENT_TYPE).send(await registry.metrics()),
  );
  app.get('/status', () => status());
  app.get('/stragglers', () => stragglers());
  app.get('/healthz', (_request, reply) => reply.type('text/plain').send('alive\n'));
  app.get('/readyz', (_request, reply) => {
    const inService = ready();
    return reply
      .code(inService ? 200 : 503)
      .type('text/plain')
      .send(inService ? 'ready\n' : 'going out of service\n');
  });
  app.get('/', (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', PAGE.contentSecurityPolicy)
      .header('referrer-policy', 'no-referrer')
      .send(PAGE.html),
  );
  return app;
}
