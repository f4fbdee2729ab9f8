import type { Census, SidecarStatus, StragglerList } from '@crossfade/core/status';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { Registry } from 'prom-client';
import type { Scrapes } from '../process/scrapes.ts';
import type { Readiness } from '../process/sidecar.ts';

/** Prometheus, VictoriaMetrics and the OpenTelemetry Collector send it; a browser does not. */
const SCRAPER_HEADER = 'x-prometheus-scrape-timeout-seconds';

/** What a scraper and a probe read. It names no client. */
export interface HealthParts {
  readonly registry: Registry;
  readonly scrapes: Pick<Scrapes, 'begin'>;
  readonly readiness: () => Readiness;
}

/** What `crossfade` reads of each sidecar. It names clients. */
export interface ListParts {
  readonly status: () => SidecarStatus;
  readonly stragglers: () => StragglerList;
  /** Absent in `collect` mode, where no token arrives. */
  readonly census?: () => Census;
}

/** Keeps responses out of caches, and browsers from guessing what they are. */
export function addReadHeaders(app: FastifyInstance): void {
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
  });
}

/** Adds `/metrics`, `/healthz` and `/readyz`. */
export function addHealthRoutes(app: FastifyInstance, { registry, scrapes, readiness }: HealthParts): void {
  // Never OpenMetrics: rendering it makes prom-client rename its counters for good.
  app.get('/metrics', async (request, reply) => {
    if (request.headers[SCRAPER_HEADER] !== undefined) reply.raw.once('finish', scrapes.begin());
    const text = await registry.metrics();
    return reply.type(Registry.PROMETHEUS_CONTENT_TYPE).send(text);
  });
  app.get('/healthz', (_request, reply) => sendText(reply, 'alive'));
  app.get('/readyz', (_request, reply) => {
    const { ready, reason } = readiness();
    if (ready) return sendText(reply, 'ready');
    return sendText(reply.code(503), reason === undefined ? 'not ready' : `not ready: ${reason}`);
  });
}

/** Adds `/status`, `/stragglers` and, where tokens arrive, `/census`. */
export function addListRoutes(app: FastifyInstance, { status, stragglers, census }: ListParts): void {
  app.get('/status', () => status());
  app.get('/stragglers', () => stragglers());
  if (census !== undefined) app.get('/census', () => census());
}

function sendText(reply: FastifyReply, line: string): FastifyReply {
  return reply.type('text/plain').send(`${line}\n`);
}
