import { randomUUID } from 'node:crypto';
import { Auth, type AuthConfig, skipCSRFCheck } from '@auth/core';
import { ExpressAuth, getSession } from '@auth/express';
import type { AcceptanceSwitch, Side } from '@crossfade/core';
import { parameterEntries, type Selector } from '@crossfade/selector';
import express, { type Express, type Request as Incoming, type Response as Outgoing } from 'express';

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

/** What the server keeps of a session. Auth.js keeps the session's id in its cookie. */
interface Tokens {
  readonly key: string | undefined;
  readonly loginSide: Side;
  readonly side: Side;
  readonly access: string;
  readonly refresh: string;
  readonly expiresAt: number;
}

const REFUSALS = ['invalid_scope', 'invalid_target', 'unauthorized_client'];

export function createApp({ selector, acceptance, publicUrl, ...settings }: Settings): Express {
  const app = express();
  const sessions = new Map<string, Tokens>();
  const secure = publicUrl.startsWith('https:');

  /** @param onSession gets the id of the session that a request belongs to; a page's scripts never see it. */
  function config(request: Incoming, onSession?: (id: string) => void): AuthConfig {
    return {
      basePath: '/auth',
      trustHost: true,
      secret: settings.cookieSecret,
      providers: [
        {
          id: 'idp',
          name: 'Identity provider',
          type: 'oidc',
          issuer: settings.issuer,
          clientId: settings.clientId,
          clientSecret: settings.clientSecret,
          checks: ['pkce', 'state', 'nonce'],
        },
      ],
      callbacks: {
        jwt({ token, account }) {
          if (account === null || account === undefined) return token;
          const { access_token: access = '', refresh_token: refresh = '', expires_at: expiresAt = 0 } = account;
          const { device: key, side: asked } = cookiesOf(request);
          const side = asked === 'target' ? 'target' : 'legacy';
          const id = randomUUID();
          sessions.set(id, { key, side, loginSide: side, access, refresh, expiresAt });
          return { ...token, id };
        },
        session({ session, token }) {
          onSession?.(String(token['id']));
          return session;
        },
      },
    };
  }

  async function login(request: Incoming, response: Outgoing, forced?: Side) {
    const { device: key = randomUUID() } = cookiesOf(request);
    const { side, parameters } = selector.select({ key, side: forced });
    // Auth.js adds the query of its sign-in to the authorization request.
    const started = await Auth(
      new Request(`${publicUrl}/auth/signin/idp?${new URLSearchParams(parameterEntries(parameters))}`, {
        method: 'POST',
        body: new URLSearchParams({ callbackUrl: publicUrl }),
      }),
      { ...config(request), skipCSRFCheck },
    );
    for (const cookie of started.headers.getSetCookie()) response.append('set-cookie', cookie);
    response.cookie('device', key, { httpOnly: true, sameSite: 'lax', secure, maxAge: 34_560_000_000 });
    response.cookie('side', side, { httpOnly: true, sameSite: 'lax', secure, maxAge: 3_600_000 });
    response.redirect(started.headers.get('location') ?? '/auth/error');
  }

  async function refresh(id: string, { refresh: spent, ...session }: Tokens): Promise<Tokens> {
    const { side, parameters } = selector.selectForRefresh(session);
    // On the side of its login a refresh sends nothing: what the login was granted (RFC 6749 §6).
    const query = new URLSearchParams(side === session.loginSide ? [] : parameterEntries(parameters));
    query.set('grant_type', 'refresh_token');
    query.set('refresh_token', spent);
    const authorization = `Basic ${btoa(`${settings.clientId}:${settings.clientSecret}`)}`;
    const response = await fetch(`${settings.issuer}/token`, {
      method: 'POST',
      headers: { authorization },
      body: query,
    });
    if (!response.ok) throw new Error(`the provider refused the refresh: ${response.status}`);
    const body = (await response.json()) as { access_token: string; refresh_token?: string; expires_in: number };
    const expiresAt = Date.now() / 1000 + body.expires_in;
    const renewed = { ...session, side, access: body.access_token, refresh: body.refresh_token ?? spent, expiresAt };
    sessions.set(id, renewed);
    return renewed;
  }

  app.get('/login', (request, response) => login(request, response));

  app.get('/auth/callback/idp', (request, response, next) => {
    const isRefusal = REFUSALS.includes(String(request.query['error'])) && cookiesOf(request)['side'] === 'target';
    // The provider refuses target: the login asks once more, for legacy.
    return isRefusal && acceptance() !== 'target' ? login(request, response, 'legacy') : next();
  });

  app.use('/auth', (request, response, next) => ExpressAuth(config(request))(request, response, next));

  app.get('/orders', async (request, response) => {
    let id = '';
    await getSession(
      request,
      config(request, (found) => {
        id = found;
      }),
    );
    const session = sessions.get(id);
    if (session === undefined) return response.status(401).end();
    const isOld = session.expiresAt < Date.now() / 1000 + 60;
    const { access } = isOld ? await refresh(id, session) : session;
    const orders = await fetch(settings.ordersUrl, { headers: { authorization: `Bearer ${access}` } });
    return response.status(orders.status).json(await orders.json());
  });

  return app;
}

function cookiesOf(request: Incoming): Record<string, string> {
  return Object.fromEntries(
    [...(request.headers.cookie ?? '').matchAll(/(\w+)=([\w-]+)/g)].map(([, name, value]) => [name, value]),
  );
}
