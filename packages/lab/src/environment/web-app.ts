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
  /** An access token is renewed when it has less than this left. */
  readonly renewalMarginSeconds: number;
}

export interface WebApp {
  readonly url: URL;
  close(): Promise<void>;
}

/** What the browser is told, with 504, when no instance of the API could be reached whatever was retried. */
export const UNREACHABLE = 'the API can not be reached\n';

const SESSION = 'session';
const PENDING = 'pending';
const USER = 'user';
const COOKIE = { httpOnly: true, sameSite: 'lax', path: '/' } as const;

/** Where the identity provider sends browsers back to. */
export function callbackUrl(port: number): URL {
  return new URL(`http://127.0.0.1:${port}/callback`);
}

/**
 * Starts the web application: a backend for its frontend, which keeps the tokens on the server and gives the browser
 * a cookie. `/login?user=`, `/callback`, `/orders`, `/logout`.
 */
export async function startWebApp({ login, orders, port, renewalMarginSeconds }: WebAppOptions): Promise<WebApp> {
  const url = new URL('/', callbackUrl(port));
  const sessions = new Map<string, LoginSession>();
  const pendings = new Map<string, PendingLogin>();
  const app = fastify({ keepAliveTimeout: 60_000 });
  await app.register(cookie);

  /** The session with a token that will live a while yet; `undefined` when the user has to log in. */
  const freshSession = async (id: string | undefined): Promise<LoginSession | undefined> => {
    const session = id === undefined ? undefined : sessions.get(id);
    if (id === undefined || session === undefined) return undefined;
    if (session.expiresAt - Date.now() / 1000 >= renewalMarginSeconds) return session;
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

  app.get<{ Querystring: { user?: string } }>('/login', (request, reply) => {
    const user = request.query.user ?? request.cookies[USER] ?? '';
    const { url: authorization, pending } = login.start({ key: user });
    authorization.searchParams.set('login_hint', user);
    const id = randomUUID();
    pendings.set(id, pending);
    return reply.setCookie(USER, user, COOKIE).setCookie(PENDING, id, COOKIE).redirect(authorization.href);
  });

  app.get('/callback', async (request, reply) => {
    const pendingId = request.cookies[PENDING] ?? '';
    const pending = pendings.get(pendingId);
    pendings.delete(pendingId);
    if (pending === undefined) return reply.code(400).send('no login is under way\n');
    const id = randomUUID();
    sessions.set(id, await login.finish(new URL(request.url, url), pending));
    return reply.setCookie(SESSION, id, COOKIE).clearCookie(PENDING, COOKIE).redirect('/orders');
  });

  app.get('/orders', async (request: FastifyRequest, reply: FastifyReply) => {
    const session = await freshSession(request.cookies[SESSION]);
    if (session === undefined) return reply.redirect('/login');
    const { status, body } = await orders.get('/orders', session.accessToken);
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
