import { randomUUID } from 'node:crypto';
import type { AcceptanceSwitch, Side } from '@crossfade/core';
import { parameterEntries, type Selector } from '@crossfade/selector';
import cookie from '@fastify/cookie';
import oauth2, { type OAuth2Namespace, type Token } from '@fastify/oauth2';
import session from '@fastify/session';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';

export interface Settings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly publicUrl: string;
  readonly cookieSecret: string;
  readonly ordersUrl: string;
  readonly selector: Selector;
  readonly acceptance: AcceptanceSwitch;
}

declare module 'fastify' {
  interface FastifyInstance {
    idp: OAuth2Namespace;
  }
  interface Session {
    token?: Token;
    choice?: { key: string; side: Side; loginSide: Side };
  }
}

const REFUSALS = ['invalid_scope', 'invalid_target', 'unauthorized_client'];

export async function createApp({ selector, acceptance, publicUrl, ...settings }: Settings): Promise<FastifyInstance> {
  const app = fastify({ trustProxy: true });
  await app.register(cookie);
  await app.register(session, {
    secret: settings.cookieSecret,
    cookie: { secure: publicUrl.startsWith('https:'), sameSite: 'lax' },
  });
  await app.register(oauth2, {
    name: 'idp',
    credentials: { client: { id: settings.clientId, secret: settings.clientSecret } },
    discovery: { issuer: settings.issuer },
    callbackUri: `${publicUrl}/callback`,
    pkce: 'S256',
  });

  async function login(request: FastifyRequest, reply: FastifyReply, forced?: Side) {
    const key = deviceOf(request, reply);
    const { side, parameters } = selector.select({ key, side: forced });
    request.session.choice = { key, side, loginSide: side };
    const url = new URL(await app.idp.generateAuthorizationUri(request, reply));
    for (const name of Object.keys(parameters)) url.searchParams.delete(name);
    for (const [name, value] of parameterEntries(parameters)) url.searchParams.append(name, value);
    return reply.redirect(url.href);
  }

  app.get('/login', (request, reply) => login(request, reply));

  app.get<{ Querystring: { error?: string } }>('/callback', async (request, reply) => {
    const { choice } = request.session;
    const isRefusal = REFUSALS.includes(request.query.error ?? '') && choice?.side === 'target';
    // The provider refuses target: the login asks once more, for legacy.
    if (isRefusal && acceptance() !== 'target') return login(request, reply, 'legacy');
    const { token } = await app.idp.getAccessTokenFromAuthorizationCodeFlow(request, reply);
    await request.session.regenerate(['choice']);
    request.session.token = token;
    return reply.redirect('/');
  });

  app.get('/orders', async (request, reply) => {
    const { choice } = request.session;
    let { token } = request.session;
    if (token === undefined || choice === undefined) return reply.code(401).send();
    if (new Date(token.expires_at).getTime() < Date.now() + 60_000) {
      const { side, parameters } = selector.selectForRefresh(choice);
      // On the side of its login a refresh sends nothing: what the login was granted (RFC 6749 §6).
      const query = side === choice.loginSide ? {} : parameters;
      ({ token } = await app.idp.getNewAccessTokenUsingRefreshToken(token, query));
      request.session.token = token;
      request.session.choice = { ...choice, side };
    }
    const orders = await fetch(settings.ordersUrl, { headers: { authorization: `Bearer ${token.access_token}` } });
    return reply.code(orders.status).send(await orders.json());
  });

  return app;
}

/** A random value that stays in the browser, so that each of its logins gets the same side. */
function deviceOf(request: FastifyRequest, reply: FastifyReply): string {
  const device = request.cookies['device'] ?? randomUUID();
  const secure = request.protocol === 'https';
  reply.setCookie('device', device, { httpOnly: true, sameSite: 'lax', secure, path: '/', maxAge: 34_560_000 });
  return device;
}
