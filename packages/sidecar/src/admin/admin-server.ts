import type { FastifyInstance } from 'fastify';
import { createFleetView, type FleetViewParts } from '../fleet/fleet-view.ts';
import { createFastifyApp } from '../process/fastify-app.ts';
import { createDashboard, type DashboardParts } from './dashboard.ts';
import { createLiveEvents } from './live-events.ts';
import { guardLoopbackHost } from './loopback-host-guard.ts';
import { readPage } from './page.ts';
import { addHealthRoutes, addListRoutes, addReadHeaders, type HealthParts } from './read-routes.ts';
import { addRunbookRoute } from './runbook-route.ts';

export type AdminParts = DashboardParts & HealthParts & FleetViewParts;

/** RFC 8288: a reader of `/status` learns that this port has a page. The metrics port has none. */
const PAGE_LINK = '<./>; rel="alternate"; type="text/html"';

/**
 * Creates the server of the admin port. It is read-only and has no authentication: by default it listens on loopback,
 * where it responds to loopback names only.
 */
export function createAdminServer(parts: AdminParts): FastifyInstance {
  const page = readPage();
  const dashboard = createDashboard(parts);
  const fleet = createFleetView(parts);
  const live = createLiveEvents(dashboard, fleet);
  const app = createFastifyApp('end');

  guardLoopbackHost(app);
  addReadHeaders(app);
  app.addHook('onSend', async (_request, reply) => {
    reply.header('link', PAGE_LINK);
  });
  addHealthRoutes(app, parts);
  addListRoutes(app, parts);
  app.get('/', (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', page.contentSecurityPolicy)
      .header('referrer-policy', 'no-referrer')
      .send(page.html),
  );
  addRunbookRoute(app);
  app.get('/history', () => dashboard.history());
  app.get('/fleet', () => fleet.read());
  app.get('/events', { exposeHeadRoute: false }, (_request, reply) => {
    if (!live.addViewer(reply.raw))
      return reply.code(503).header('retry-after', '5').send({ error: 'too many viewers' });
    return reply.hijack();
  });
  app.addHook('onListen', async () => live.start());
  // Open streams would delay the shutdown.
  app.addHook('preClose', async () => {
    live.close();
    fleet.close();
  });
  return app;
}
