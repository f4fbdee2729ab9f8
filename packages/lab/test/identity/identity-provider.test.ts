import { decodeJwt, decodeProtectedHeader } from 'jose';
import * as oauth from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type IdentityProvider, startIdentityProvider } from '../../src/identity/identity-provider.ts';
import { createBrowser } from '../../src/population/browser.ts';

const options = {
  defaultResource: { resource: 'urn:lab:default', audience: 'default-api', scope: '' },
  targetResource: {
    resource: 'http://127.0.0.1:1/orders',
    audience: 'http://127.0.0.1:1/orders',
    scope: 'orders:read',
  },
  webApp: { clientId: 'web-app', clientSecret: 'web-app-secret', redirectUri: 'http://127.0.0.1:1/callback' },
  users: [{ name: 'ada', roles: ['beta-tester'] }],
  machines: [{ clientId: 'batch-1', clientSecret: 'batch-secret' }],
  tokenLifetimeSeconds: 4,
  sessionLifetimeSeconds: 2,
};
const { webApp } = options;
const [machine = { clientId: '', clientSecret: '' }] = options.machines;
const target = options.targetResource.resource;
let provider: IdentityProvider;
let client: oauth.Configuration;

async function connect(credentials: { clientId: string; clientSecret: string }): Promise<oauth.Configuration> {
  return oauth.discovery(
    new URL(provider.issuer),
    credentials.clientId,
    undefined,
    oauth.ClientSecretBasic(credentials.clientSecret),
    {
      execute: [oauth.allowInsecureRequests],
    },
  );
}

/** Signs `user` in and returns the tokens, as a web application would. */
async function login(user: string, parameters: Record<string, string>) {
  const verifier = oauth.randomPKCECodeVerifier();
  const url = oauth.buildAuthorizationUrl(client, {
    ...parameters,
    redirect_uri: webApp.redirectUri,
    login_hint: user,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  const browser = createBrowser({ stopsAt: (next) => next.href.startsWith(webApp.redirectUri) });
  const { url: callback } = await browser.visit(url);
  await browser.close();
  return oauth.authorizationCodeGrant(client, callback, { pkceCodeVerifier: verifier });
}

/** A signal that aborts after `ms`. */
function aborted(ms: number): AbortSignal {
  const abort = new AbortController();
  setTimeout(() => abort.abort(), ms);
  return abort.signal;
}

beforeAll(async () => {
  provider = await startIdentityProvider(options);
  client = await connect(webApp);
});
afterAll(() => provider.close());

describe('the identity provider', () => {
  it('mints the legacy audience when a login asks for no resource', async () => {
    const tokens = await login('ada', { scope: 'openid profile' });
    expect(decodeProtectedHeader(tokens.access_token).typ).toBe('at+jwt');
    expect(decodeJwt(tokens.access_token)).toMatchObject({ aud: 'default-api', sub: 'ada', client_id: 'web-app' });
  });

  it('mints the target audience with its scope when a login asks for the resource', async () => {
    const tokens = await login('ada', { scope: 'openid profile orders:read', resource: target });
    expect(decodeJwt(tokens.access_token)).toMatchObject({ aud: target, scope: 'orders:read' });
    expect(tokens.scope).toContain('orders:read');
  });

  it('mints the same audience again on refresh, and accepts each refresh token once', async () => {
    const tokens = await login('grace', { scope: 'openid profile' });
    const again = await oauth.refreshTokenGrant(client, tokens.refresh_token ?? '');
    expect(decodeJwt(again.access_token).aud).toBe('default-api');
    expect(again.refresh_token).not.toBe(tokens.refresh_token);
    await expect(oauth.refreshTokenGrant(client, tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });

  it('ends a session when its lifetime is over, however often it was refreshed', async () => {
    const startedAtMs = performance.now();
    const refreshUntilRejected = async (refreshToken: string, rounds: number): Promise<number> => {
      const response = await oauth.refreshTokenGrant(client, refreshToken).catch((error: unknown) => error as Error);
      if (!(response instanceof Error)) return refreshUntilRejected(response.refresh_token ?? refreshToken, rounds + 1);
      expect(response).toMatchObject({ error: 'invalid_grant' });
      return rounds;
    };
    const { refresh_token = '' } = await login('edsger', { scope: 'openid profile' });
    expect(await refreshUntilRejected(refresh_token, 0)).toBeGreaterThan(1);
    expect(performance.now() - startedAtMs).toBeGreaterThan(900);
  });

  it('issues either audience to a machine', async () => {
    const batch = await connect(machine);
    const legacy = await oauth.clientCredentialsGrant(batch, { scope: 'openid profile' });
    expect(decodeJwt(legacy.access_token)).toMatchObject({ aud: 'default-api', sub: 'batch-1' });
    const moved = await oauth.clientCredentialsGrant(batch, { scope: 'openid profile orders:read', resource: target });
    const { aud, scope, exp = 0, iat = 0 } = decodeJwt(moved.access_token);
    expect({ aud, scope, lifetime: exp - iat }).toEqual({ aud: target, scope: 'orders:read', lifetime: 4 });
  });

  it('asks who the user is where the client does not say, and takes a no', async () => {
    const url = oauth.buildAuthorizationUrl(client, { scope: 'openid', redirect_uri: webApp.redirectUri });
    const browser = createBrowser({ stopsAt: (next) => next.href.startsWith(webApp.redirectUri) });
    const page = await browser.visit(url);
    expect(page).toMatchObject({ status: 200, body: expect.stringContaining('Sign in as ada (beta-tester)') });
    const callback = await browser.submit(page.url);
    expect(callback.url.searchParams.get('error')).toBe('login_required');
    expect(await browser.visit(page.url)).toMatchObject({ status: 400, body: expect.stringContaining('is over') });
    await browser.close();
  });

  it('puts the roles of a user into the ID token', async () => {
    const [ada, grace] = [
      await login('ada', { scope: 'openid profile' }),
      await login('grace', { scope: 'openid profile' }),
    ];
    expect([ada.claims()?.['roles'], grace.claims()?.['roles']]).toEqual([['beta-tester'], []]);
  });

  it('leaves requests without a response while it hangs, and responds to them afterwards', async () => {
    provider.hang();
    let hasResponded = false;
    const metadata = fetch(`${provider.issuer}/.well-known/openid-configuration`).then((response) => {
      hasResponded = true;
      return response.status;
    });
    await expect(fetch(provider.issuer, { signal: aborted(200) })).rejects.toThrow();
    expect(hasResponded).toBe(false);
    provider.recover();
    expect(await metadata).toBe(200);
  });

  it('rejects an unknown resource', async () => {
    const batch = await connect(machine);
    await expect(
      oauth.clientCredentialsGrant(batch, { resource: 'http://127.0.0.1:1/invoices' }),
    ).rejects.toMatchObject({
      error: 'invalid_target',
    });
  });
});
