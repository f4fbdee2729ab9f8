import { readFile } from 'node:fs/promises';
import { type Bff, type BffUser, LoginRequiredError } from '@crossfade/client';
import { crossfadeBff } from '@crossfade/client/fastify';
import { type FeatureAccess, UnavailableError } from '@crossfade/core';
import { fastify } from 'fastify';
import { UNREACHABLE } from './load-balancer.ts';

export interface WebAppOptions {
  readonly bff: Bff;
  /** Decides who sees the new dashboard. */
  readonly features: FeatureAccess;
  /** The orders of the API. */
  readonly orders: URL;
  /** The identity provider, to which a sign-out leads. */
  readonly issuer: string;
  /** Renders the metrics of the application. */
  readonly metrics: () => Promise<string>;
  readonly port: number;
}

export interface WebApp {
  readonly url: URL;
  close(): Promise<void>;
}

const FILES = { '/': 'index.html', '/app.js': 'app.js', '/app.css': 'app.css' } as const;
const TYPES = { html: 'text/html', js: 'text/javascript', css: 'text/css' } as const;

/** Returns the origin of the web application. */
export function webAppUrl(port: number): URL {
  return new URL(`http://127.0.0.1:${port}/`);
}

/**
 * Starts the web application: a backend for browsers, as its team would write it. `/` is a page that calls the API through
 * `/api/`, `/orders` calls it on the server; `/auth/` is the login.
 */
export async function startWebApp(options: WebAppOptions): Promise<WebApp> {
  const { bff, features, orders, issuer, metrics, port } = options;
  const app = fastify({ keepAliveTimeout: 60_000 });
  await app.register(crossfadeBff, { bff });

  for (const [path, name] of Object.entries(FILES)) {
    const content = await readFile(new URL(`../../web/${name}`, import.meta.url), 'utf8');
    const type = TYPES[name.split('.').at(-1) as keyof typeof TYPES];
    app.get(path, (_request, reply) =>
      reply
        .headers({ 'content-type': `${type}; charset=utf-8`, 'content-security-policy': contentSecurityPolicy(issuer) })
        .send(content),
    );
  }

  app.get('/orders', async (request, reply) => {
    const response = await request.crossfade.fetch(orders);
    return reply
      .code(response.status)
      .type('application/json')
      .send(await response.text());
  });

  app.get('/me', async (request) => {
    const user = await request.crossfade.user();
    // Not a 401: to be signed out is no error, and a browser would list it as one.
    return user === undefined
      ? { name: null }
      : { name: user.claims['name'], newDashboard: newDashboardOf(user, features) };
  });

  app.get('/metrics', async (_request, reply) => reply.type('text/plain; version=0.0.4').send(await metrics()));

  app.setErrorHandler((error, request, reply) => {
    if (error instanceof LoginRequiredError) return reply.redirect(`/auth/login?returnTo=${request.url}`, 303);
    if (error instanceof UnavailableError) return reply.code(504).send(UNREACHABLE);
    return reply.code(500).send('the web application failed\n');
  });

  await app.listen({ host: '127.0.0.1', port });
  return { url: webAppUrl(port), close: () => app.close() };
}

/** A tester sees a feature before it is public. */
function newDashboardOf({ claims }: BffUser, features: FeatureAccess): 'hidden' | 'beta' | 'public' {
  const { roles } = claims;
  const known = { roles: Array.isArray(roles) ? roles : [], role: 'beta-tester', feature: 'new-dashboard' };
  if (features.hasAccess({ ...known, roles: [] })) return 'public';
  return features.hasAccess(known) ? 'beta' : 'hidden';
}

/** Chrome holds `form-action` against redirects, too, and a sign-out goes on to the identity provider. */
function contentSecurityPolicy(issuer: string): string {
  return `default-src 'self'; img-src data:; form-action 'self' ${new URL(issuer).origin}; frame-ancestors 'none'; base-uri 'none'`;
}
