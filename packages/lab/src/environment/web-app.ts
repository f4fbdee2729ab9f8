import { randomUUID } from 'node:crypto';
import { type BrowserLogin, LoginRequiredError, type LoginSession, type PendingLogin } from '@crossfade/client';
import { UnavailableError } from '@crossfade/core';
import cookie from '@fastify/cookie';
import { type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { LoadBalancer } from './load-balancer.ts';

export interface WebAppOptions {
  readonly login: BrowserLogin;
  readonly orders: LoadBalancer;
  readonly port: number;
  /** Access tokens are renewed when they expire within this time. */
  readonly renewalMarginSeconds: number;
}

export interface WebApp {
  readonly url: URL;
  close(): Promise<void>;
}

/** The body of the 504 response when no API instance can be reached, retries included. */
export const UNREACHABLE = 'the API cannot be reached\n';

const SESSION = 'session';
const PENDING = 'pending';
const USER = 'user';
const COOKIE = { httpOnly: true, sameSite: 'lax', path: '/' } as const;

/** Returns the redirect URI of the web application. */
export function callbackUrl(port: number): URL {
  return new URL(`http://127.0.0.1:${port}/callback`);
}

/**
 * Starts the web application: a backend for frontend (BFF) that keeps the tokens on the server and gives the browser a
 * cookie. `/login?user=`, `/callback`, `/orders`, `/logout`.
 */
export async function startWebApp({ login, orders, port, renewalMarginSeconds }: WebAppOptions): Promise<WebApp> {
  const url = new URL('/', callbackUrl(port));
  const sessions = new Map<string, LoginSession>();
  const pendings = new Map<string, PendingLogin>();
  const app = fastify({ keepAliveTimeout: 60_000 });
  await app.register(cookie);

  /** Returns the session with a token that is not about to expire; `undefined` when the user must log in. */
  const freshSession = async (id: string | undefined): Promise<LoginSession | undefined> => {
    const session = id === undefined ? undefined : sessions.get(id);
    if (id === undefined || session === undefined) return undefined;
    if (session.token.expiresAt - Date.now() / 1000 >= renewalMarginSeconds) return session;
    try {
      const renewed = await login.refresh(session);
      if (sessions.has(id)) sessions.set(id, renewed);
      return renewed;
    } catch (error) {
      if (!(error instanceof LoginRequiredError)) throw error;
      sessions.delete(id);
      return undefined;
    }
  };

  app.get<{ Querystring: { user?: string } }>('/login', async (request, reply) => {
    const user = request.query.user ?? request.cookies[USER] ?? '';
    const { url: authorization, pending } = await login.start({ key: user, loginHint: user });
    const id = randomUUID();
    pendings.set(id, pending);
    return reply.setCookie(USER, user, COOKIE).setCookie(PENDING, id, COOKIE).redirect(authorization.href);
  });

  app.get('/callback', async (request, reply) => {
    const pendingId = request.cookies[PENDING] ?? '';
    const pending = pendings.get(pendingId);
    pendings.delete(pendingId);
    if (pending === undefined) return reply.code(400).send('no login is in progress: open /login\n');
    const id = randomUUID();
    sessions.set(id, await login.finish(new URL(request.url, url), pending));
    return reply.setCookie(SESSION, id, COOKIE).clearCookie(PENDING, COOKIE).redirect('/orders');
  });

  app.get('/orders', async (request: FastifyRequest, reply: FastifyReply) => {
    const session = await freshSession(request.cookies[SESSION]);
    if (session === undefined) return reply.redirect('/login');
    const { status, body } = await orders.get('/orders', session.token.accessToken);
    return reply.code(status).type('application/json').send(body);
  });

  app.get('/logout', (request, reply) => {
    sessions.delete(request.cookies[SESSION] ?? '');
    return reply.clearCookie(SESSION, COOKIE).send('bye\n');
  });

  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof UnavailableError) return reply.code(504).send(UNREACHABLE);
    return reply.code(500).send('the web application failed\n');
  });

  await app.listen({ host: '127.0.0.1', port });
  return { url, close: () => app.close() };
}
