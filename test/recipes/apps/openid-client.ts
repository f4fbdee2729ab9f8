import { randomUUID } from 'node:crypto';
import type { AcceptanceSwitch, Side } from '@crossfade/core';
import { parameterEntries, type Selector } from '@crossfade/selector';
import cookie from '@fastify/cookie';
import session from '@fastify/session';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import * as oidc from 'openid-client';

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
  interface Session {
    pending?: { state: string; nonce: string; verifier: string; key: string; side: Side };
    tokens?: { access: string; refresh: string | undefined; expiresAt: number };
    selection?: { key: string; side: Side; loginSide: Side };
  }
}

const REFUSALS = ['invalid_scope', 'invalid_target', 'unauthorized_client'];

export async function createApp({ selector, acceptance, publicUrl, ...settings }: Settings): Promise<FastifyInstance> {
  const insecure = publicUrl.startsWith('http:') ? [oidc.allowInsecureRequests] : [];
  const idp = await oidc.discovery(
    new URL(settings.issuer),
    settings.clientId,
    undefined,
    oidc.ClientSecretBasic(settings.clientSecret),
    { execute: [oidc.enableNonRepudiationChecks, ...insecure] },
  );
  const app = fastify({ trustProxy: true });
  await app.register(cookie);
  await app.register(session, {
    secret: settings.cookieSecret,
    cookie: { secure: insecure.length === 0, sameSite: 'lax' },
  });

  async function login(request: FastifyRequest, reply: FastifyReply, forced?: Side) {
    const key = deviceOf(request, reply);
    const { side, parameters } = selector.select({ key, side: forced });
    const [state, nonce, verifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()];
    request.session.pending = { state, nonce, verifier, key, side };
    const query = new URLSearchParams(parameterEntries(parameters));
    query.set('redirect_uri', `${publicUrl}/callback`);
    query.set('state', state);
    query.set('nonce', nonce);
    query.set('code_challenge', await oidc.calculatePKCECodeChallenge(verifier));
    query.set('code_challenge_method', 'S256');
    return reply.redirect(oidc.buildAuthorizationUrl(idp, query).href);
  }

  function tokensOf(response: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers, previous?: string) {
    return {
      access: response.access_token,
      refresh: response.refresh_token ?? previous,
      expiresAt: Date.now() + (response.expiresIn() ?? 0) * 1000,
    };
  }

  app.get('/login', (request, reply) => login(request, reply));

  app.get('/callback', async (request, reply) => {
    const { pending } = request.session;
    if (pending === undefined) return reply.redirect('/login');
    const { state, nonce, verifier, key, side } = pending;
    await request.session.regenerate();
    try {
      const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier };
      const response = await oidc.authorizationCodeGrant(idp, new URL(request.url, publicUrl), checks);
      request.session.tokens = tokensOf(response);
      request.session.selection = { key, side, loginSide: side };
      return reply.redirect('/');
    } catch (error) {
      const isRefusal = error instanceof Error && 'error' in error && REFUSALS.includes(String(error.error));
      // The provider refuses target: the login asks once more, for legacy.
      if (isRefusal && side === 'target' && acceptance() !== 'target') return login(request, reply, 'legacy');
      throw error;
    }
  });

  app.get('/orders', async (request, reply) => {
    const { tokens, selection } = request.session;
    if (tokens === undefined || selection === undefined) return reply.code(401).send();
    if (tokens.refresh !== undefined && tokens.expiresAt < Date.now() + 60_000) {
      const { side, parameters } = selector.selectForRefresh(selection);
      // On the side of its login a refresh sends nothing: what the login was granted (RFC 6749 §6).
      const query = new URLSearchParams(side === selection.loginSide ? [] : parameterEntries(parameters));
      request.session.tokens = tokensOf(await oidc.refreshTokenGrant(idp, tokens.refresh, query), tokens.refresh);
      request.session.selection = { ...selection, side };
    }
    const authorization = `Bearer ${request.session.tokens?.access}`;
    const orders = await fetch(settings.ordersUrl, { headers: { authorization } });
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
