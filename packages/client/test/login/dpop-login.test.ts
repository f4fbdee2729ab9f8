import { calculateJwkThumbprint, decodeJwt } from 'jose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LoginSession, PendingLogin } from '../../src/login/browser-login.ts';
import { createBrowserLogin } from '../../src/login/create-browser-login.ts';
import { issuanceFixture } from '../fixture/issuance-fixture.ts';
import { type ProviderFixture, startProvider } from '../fixture/provider-fixture.ts';
import { type RewritingFetch, rewritingFetch } from '../fixture/rewriting-fetch.ts';
import { failure, signIn } from '../fixture/sign-in.ts';

let provider: ProviderFixture;
let rewriting: RewritingFetch;
beforeEach(async () => {
  rewriting = rewritingFetch();
  provider = await startProvider({
    features: { dPoP: { enabled: true, requireNonce: () => true, nonceSecret: Buffer.alloc(32, 'n') } },
  });
});
afterEach(() => provider.close());

function application({ dpop = true } = {}) {
  const { selector } = issuanceFixture();
  return createBrowserLogin({ ...provider, dpop, fetch: rewriting.fetch, selector });
}

function boundKey({ token }: LoginSession): unknown {
  return (decodeJwt(token.accessToken)['cnf'] as { jkt?: string } | undefined)?.jkt;
}

test('each login has a key of its own, which its code and all its tokens are bound to', async () => {
  const login = application();
  const { url, pending } = await login.start({ key: 'alice' });
  const thumbprint = await calculateJwkThumbprint(pending.dpopKey as Parameters<typeof calculateJwkThumbprint>[0]);
  expect(url.searchParams.get('dpop_jkt')).toBe(thumbprint);
  const stored = JSON.parse(JSON.stringify(pending)) as PendingLogin;
  const session = await login.finish(await provider.browse(url), stored);
  const refreshed = await login.refresh(JSON.parse(JSON.stringify(session)) as LoginSession);
  expect([session, refreshed].map(boundKey)).toEqual([thumbprint, thumbprint]);
  expect(boundKey(await signIn(login, provider))).not.toBe(thumbprint);
});

test('a code cannot be redeemed with another key', async () => {
  const login = application();
  const { url, pending } = await login.start({ key: 'alice' });
  const callback = await provider.browse(url);
  const { dpopKey } = (await login.start({ key: 'alice' })).pending;
  const stolen = { ...pending, ...(dpopKey && { dpopKey }) };
  expect(await failure(login.finish(callback, stolen))).toMatchObject({ code: 'grant_refused' });
});

test('a token that is not bound to the key is refused', async () => {
  const login = application();
  rewriting.rewrites = {
    '/token': (json, response) => (response.ok ? { ...json, token_type: 'Bearer' } : Response.json(json, response)),
  };
  expect(await failure(signIn(login, provider))).toMatchObject({ code: 'invalid_response', check: 'token_type' });
});

test('a login without DPoP has no key', async () => {
  const session = await signIn(application({ dpop: false }), provider);
  expect(session).not.toHaveProperty('dpopKey');
  expect(boundKey(session)).toBeUndefined();
});
