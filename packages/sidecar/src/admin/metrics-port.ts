import type { SidecarPlan } from '@crossfade/core';
import type { FastifyInstance } from 'fastify';
import { createFastifyApp } from '../process/fastify-app.ts';
import { listen } from '../process/listen.ts';
import { guardLoopbackHost } from './loopback-host-guard.ts';
import { addHealthRoutes, addListRoutes, addReadHeaders, type HealthParts, type ListParts } from './read-routes.ts';
import { createTokenCheck } from './read-token.ts';

export interface MetricsPart extends HealthParts, ListParts {
  readonly settings: Pick<SidecarPlan, 'metrics'>;
  /** Absent: the lists are not served. */
  readonly readToken: string | undefined;
}

/** The port for a cluster's scraper, its probes and the CLI. */
export interface MetricsPort {
  /** Base URL, without a trailing slash; `undefined` where the plan opens no such port. */
  readonly url: string | undefined;
  close(): Promise<void>;
}

/**
 * Opens the port of `sidecar.metrics`. The lists, which name clients, are served to the holder of the read token alone.
 * @throws {@link ConfigError} when its address cannot be listened on.
 */
export async function openMetricsPort({ settings, ...parts }: MetricsPart): Promise<MetricsPort> {
  if (settings.metrics === undefined) return { url: undefined, async close() {} };
  const app = createMetricsServer(parts);
  const url = await listen(app.server, settings.metrics, 'sidecar.metrics', (where) => app.listen(where));
  return { url, close: () => app.close() };
}

function createMetricsServer({ readToken, ...parts }: Omit<MetricsPart, 'settings'>): FastifyInstance {
  const app = createFastifyApp('end');
  guardLoopbackHost(app);
  addReadHeaders(app);
  addHealthRoutes(app, parts);
  if (readToken === undefined) return app;
  const carriesToken = createTokenCheck(readToken);
  app.register(async (scope) => {
    scope.addHook('onRequest', async ({ headers: { authorization } }, reply) => {
      if (carriesToken(authorization)) return;
      // RFC 6750 §3.1: no error code for a request that carries no credentials.
      const error = authorization === undefined ? '' : ', error="invalid_token"';
      return reply.code(401).header('www-authenticate', `Bearer realm="crossfade"${error}`).send();
    });
    addListRoutes(scope, parts);
  });
  return app;
}
