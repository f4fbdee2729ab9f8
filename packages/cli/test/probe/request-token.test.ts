import type { SidePlan } from '@crossfade/core';
import { parsePlan } from '@crossfade/core';
import Fastify from 'fastify';
import { expect, it, onTestFinished } from 'vitest';
import { requestToken, type TokenClient } from '../../src/probe/request-token.ts';
import { PLAN } from '../fixture/workplace.ts';

const TARGET = {
  audience: 'https://api.example.com/orders',
  scope: 'openid profile orders:read',
  resource: 'https://api.example.com/orders',
};

/** A provider that grants every request and notes what asked for the audience. */
async function startProvider() {
  const app = Fastify({ forceCloseConnections: true });
  const asked: Record<string, string>[] = [];
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
  app.get('/.well-known/openid-configuration', () => ({
    issuer: app.listeningOrigin,
    token_endpoint: `${app.listeningOrigin}/token`,
    jwks_uri: `${app.listeningOrigin}/keys`,
  }));
  app.post<{ Body: Record<string, string> }>('/token', ({ body: { grant_type: _, ...parameters } }) => {
    asked.push(parameters);
    return { access_token: 'a.b.c', token_type: 'Bearer' };
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => app.close());
  return { issuer: app.listeningOrigin, asked };
}

async function parametersOf(more: Partial<TokenClient>, side: Partial<SidePlan> = TARGET) {
  const { issuer, asked } = await startProvider();
  const legacy = { ...PLAN.legacy, issuer };
  const { target } = parsePlan({ ...PLAN, legacy, target: { ...side, issuer } });
  const client: TokenClient = { clientId: 'batch', clientSecret: 'secret', scope: {}, sendsAudience: false, ...more };
  expect(await requestToken('target', target, client, new AbortController().signal)).toEqual({ token: 'a.b.c' });
  return asked[0];
}

const { scope: _, ...ALL_PERMISSIONS } = TARGET;

it.each([
  [undefined, TARGET, { scope: 'orders:read', resource: TARGET.resource }],
  ['scope', TARGET, { scope: 'orders:read' }],
  ['keycloak', TARGET, { scope: 'orders:read' }],
  ['resource', TARGET, { scope: 'orders:read', resource: TARGET.resource }],
  ['auth0', TARGET, { scope: 'orders:read', audience: TARGET.audience }],
  ['entra', TARGET, { scope: `${TARGET.resource}/orders:read` }],
  ['entra', ALL_PERMISSIONS, { scope: `${TARGET.resource}/.default` }],
] as const)(
  'asks for a side in the dialect %s, without what only a login is granted',
  async (dialect, side, expected) => {
    expect(await parametersOf(dialect === undefined ? {} : { dialect }, side)).toEqual(expected);
  },
);

it('sends another scope and the audience where it is told to, in any dialect', async () => {
  expect(await parametersOf({ dialect: 'entra', scope: { target: 'api://x/.default' }, sendsAudience: true })).toEqual({
    scope: 'api://x/.default',
    audience: TARGET.audience,
  });
});
