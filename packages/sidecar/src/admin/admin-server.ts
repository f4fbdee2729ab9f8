import fastify, { type FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';
import { createDashboard, type DashboardParts } from './dashboard.ts';
import { createLiveEvents } from './live-events.ts';
import { readPage } from './page.ts';

export interface AdminParts extends DashboardParts {
  readonly registry: Registry;
}

/** Creates the server of the admin port. It is read-only and has no authentication: by default it listens on loopback. */
export function createAdminServer({ registry, ...parts }: AdminParts): FastifyInstance {
  const { status, stragglers, census, ready } = parts;
  const page = readPage();
  const dashboard = createDashboard(parts);
  const live = createLiveEvents(dashboard);
  const app = fastify({ forceCloseConnections: true, logger: false });

  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
  });

  // Never OpenMetrics: rendering it makes prom-client rename its counters for good.
  app.get('/metrics', async (_request, reply) =>
    reply.type(Registry.PROMETHEUS_CONTENT_TYPE).send(await registry.metrics()),
  );
  app.get('/status', () => status());
  app.get('/stragglers', () => stragglers());
  if (census !== undefined) app.get('/census', () => census());
  app.get('/healthz', (_request, reply) => reply.type('text/plain').send('alive\n'));
  app.get('/readyz', (_request, reply) => {
    const inService = ready();
    return reply
      .code(inService ? 200 : 503)
      .type('text/plain')
      .send(inService ? 'ready\n' : 'not ready\n');
  });
  app.get('/', (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', page.contentSecurityPolicy)
      .header('referrer-policy', 'no-referrer')
      .send(page.html),
  );
  app.get('/history', () => dashboard.history());
  app.get('/events', { exposeHeadRoute: false }, (_request, reply) => {
    if (!live.addViewer(reply.raw))
      return reply.code(503).header('retry-after', '5').send({ error: 'too many viewers' });
    return reply.hijack();
  });
  app.addHook('onListen', async () => live.start());
  // Open streams would delay the shutdown.
  app.addHook('preClose', async () => live.close());
  return app;
}
