import { createSecretKey, generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { decodeJwt, type JWTPayload, SignJWT } from 'jose';
import { Configuration } from 'openid-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ClientEvent } from '../../src/events/client-event.ts';
import { createBrowserLogin } from '../../src/login/create-browser-login.ts';
import { RESPONSE_CHECKS } from '../../src/provider/errors.ts';
import { providerKeys } from '../../src/provider/verify-jwt.ts';
import { issuanceFixture } from '../fixture/issuance-fixture.ts';
import { type ProviderFixture, signAsProvider, startProvider } from '../fixture/provider-fixture.ts';
import { type RewritingFetch, rewritingFetch } from '../fixture/rewriting-fetch.ts';
import { failure, signIn } from '../fixture/sign-in.ts';

const otherKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

let provider: ProviderFixture;
let rewriting: RewritingFetch;
let events: ClientEvent[];
beforeEach(async () => {
  provider = await startProvider();
  rewriting = rewritingFetch();
  events = [];
});
afterEach(() => provider.close());

function login() {
  const { selector } = issuanceFixture();
  const onEvent = (event: ClientEvent) => events.push(event);
  return createBrowserLogin({ ...provider, fetch: rewriting.fetch, selector, onEvent });
}

/** Changes the ID token of the next login: a changed payload is signed again by the provider's key. */
function changeIdToken(change: (claims: JWTPayload, idToken: string) => Promise<string>) {
  rewriting.rewrites = {
    '/token': async (json) => {
      const idToken = String(json['id_token']);
      return { ...json, id_token: await change(decodeJwt(idToken), idToken) };
    },
  };
}

async function refusedCheck(promise: Promise<unknown>): Promise<unknown> {
  const error = await failure(promise);
  expect(error).toMatchObject({ code: 'invalid_response' });
  const { check } = error as { check: string };
  expect(RESPONSE_CHECKS).toContain(check);
  expect(events.at(-1)).toEqual({ type: 'login', outcome: 'invalid', side: 'legacy', check });
  return check;
}

describe('an ID token is refused', () => {
  const nowSeconds = () => Math.floor(Date.now() / 1000);

  test.each<[string, string, (claims: JWTPayload) => Promise<string>]>([
    ['that another key signed', 'signature', (claims) => withKey(claims, otherKey)],
    ['that nothing signed', 'alg', async (claims) => unsigned(claims)],
    [
      'that the client secret signed',
      'alg',
      (claims) =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: 'HS256' })
          .sign(createSecretKey(Buffer.from(provider.clientSecret))),
    ],
    ['for another client', 'aud', (claims) => signAsProvider({ ...claims, aud: 'another-client' })],
    ['for several clients', 'aud', (claims) => signAsProvider({ ...claims, aud: ['web-app', 'another-client'] })],
    [
      'that another client asked for',
      'azp',
      (claims) => signAsProvider({ ...claims, aud: ['web-app', 'another-client'], azp: 'another-client' }),
    ],
    ['of another issuer', 'iss', (claims) => signAsProvider({ ...claims, iss: 'https://evil.example.com' })],
    ['of another login', 'nonce', (claims) => signAsProvider({ ...claims, nonce: 'another' })],
    ['without a nonce', 'nonce', ({ nonce: _, ...claims }) => signAsProvider(claims)],
    ['without a subject', 'sub', ({ sub: _, ...claims }) => signAsProvider(claims)],
    ['that has expired', 'exp', (claims) => signAsProvider({ ...claims, exp: nowSeconds() - 60 })],
    ['without an expiry', 'exp', ({ exp: _, ...claims }) => signAsProvider(claims)],
    ['from the future', 'nbf', (claims) => signAsProvider({ ...claims, nbf: nowSeconds() + 600 })],
    ['with an unknown extension', 'id_token', (claims) => signAsProvider(claims, { crit: ['b64'], b64: true })],
    ['that is no JWT', 'id_token', async () => 'x.y'],
    ['that cannot be read', 'id_token', async () => 'x.y.z'],
    ['that is encrypted', 'id_token', async () => 'a.b.c.d.e'],
  ])('%s: %s', async (_, check, change) => {
    const application = login();
    await signIn(application, provider);
    changeIdToken((claims) => change(claims));
    expect(await refusedCheck(signIn(application, provider))).toBe(check);
  });

  test('that the client secret signed, or nothing, although the provider lists both', async () => {
    const application = login();
    const metadata = (json: Record<string, unknown>) => ({
      ...json,
      id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
    });
    for (const change of [
      async (claims: JWTPayload) => unsigned(claims),
      (claims: JWTPayload) =>
        new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(provider.clientSecret)),
    ]) {
      changeIdToken(change);
      rewriting.rewrites = { ...rewriting.rewrites, '/.well-known/openid-configuration': metadata };
      expect(await refusedCheck(signIn(application, provider))).toBe('alg');
    }
  });

  test('that is missing', async () => {
    rewriting.rewrites = { '/token': ({ id_token: _, ...json }) => json };
    expect(await refusedCheck(signIn(login(), provider))).toBe('id_token');
  });
});

test('an ID token is accepted after its key was replaced under the same id', async () => {
  const application = login();
  await signIn(application, provider);
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  rewriting.rewrites = {
    '/jwks': ({ keys }) => ({
      keys: (keys as object[]).map((key) => ({ ...key, ...publicKey.export({ format: 'jwk' }) })),
    }),
    '/token': async (json) => ({ ...json, id_token: await withKey(decodeJwt(String(json['id_token'])), privateKey) }),
  };
  expect((await signIn(application, provider)).subject).toBe('alice');
});

function withKey(claims: JWTPayload, key: typeof otherKey): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: 'RS256' }).sign(key);
}

function unsigned(claims: JWTPayload): string {
  const encode = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');
  return `${encode({ alg: 'none' })}.${encode(claims)}.`;
}

describe('a callback is refused', () => {
  test.each<[string, string, (callback: URL) => void]>([
    ['with another state', 'state', (callback) => callback.searchParams.set('state', 'another')],
    ['without a state', 'state', (callback) => callback.searchParams.delete('state')],
    ['with two states', 'state', (callback) => callback.searchParams.append('state', 'another')],
    ['of another issuer', 'iss', (callback) => callback.searchParams.set('iss', 'https://evil.example.com')],
    ['of two issuers', 'iss', (callback) => callback.searchParams.append('iss', provider.issuer)],
    ['without the issuer that the provider announces', 'iss', (callback) => callback.searchParams.delete('iss')],
    ['without a code', 'code', (callback) => callback.searchParams.delete('code')],
    ['with an ID token of its own', 'id_token', (callback) => callback.searchParams.set('id_token', 'x.y.z')],
    ['that is a JWT', 'response', (callback) => callback.searchParams.set('response', 'x.y.z')],
  ])('%s: %s, and its code is not sent', async (_, check, change) => {
    const application = login();
    const { url, pending } = await application.start({ key: 'alice' });
    const callback = await provider.browse(url);
    const code = callback.searchParams.get('code');
    change(callback);
    expect(await refusedCheck(application.finish(callback, pending))).toBe(check);
    expect(provider.paths).not.toContain('/token');
    const error = await failure(application.finish(callback, pending));
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(code);
  });

  test('whose login names an issuer that the client does not have, before any request', async () => {
    const { url, pending } = await login().start({ key: 'alice' });
    const callback = await provider.browse(url);
    const requests = provider.paths.length;
    const application = login();
    const changed = { ...pending, issuer: 'https://evil.example.com' };
    expect(await refusedCheck(application.finish(callback, changed))).toBe('iss');
    expect(provider.paths).toHaveLength(requests);
  });
});

describe('a token response is refused', () => {
  test.each<[string, string, (json: Record<string, unknown>) => Record<string, unknown> | Response]>([
    ['without an access token', 'access_token', ({ access_token: _, ...json }) => json],
    ['with a token of another type', 'token_type', (json) => ({ ...json, token_type: 'mac' })],
    ['that is a list', 'response', () => Response.json([])],
    ['with another status', 'status', (json) => Response.json(json, { status: 201 })],
    ['that is a redirect', 'status', () => new Response(null, { status: 302, headers: { location: '/x' } })],
  ])('%s: %s', async (_, check, rewrite) => {
    rewriting.rewrites = { '/token': rewrite };
    expect(await refusedCheck(signIn(login(), provider))).toBe(check);
  });
});

test('a callback can be repeated after the keys could not be fetched', async () => {
  const application = login();
  const { url, pending } = await application.start({ key: 'alice' });
  const callback = await provider.browse(url);
  rewriting.rewrites = { '/jwks': () => new Response(null, { status: 500 }) };
  expect(await failure(application.finish(callback, pending))).toMatchObject({ code: 'unavailable' });
  expect(events.at(-1)).toEqual({ type: 'login', outcome: 'unavailable', side: 'legacy' });
  rewriting.rewrites = {};
  expect((await application.finish(callback, pending)).subject).toBe('alice');
});

test('a slash at the end of the configured issuer changes nothing in a login', async () => {
  const { selector } = issuanceFixture();
  const application = createBrowserLogin({ ...provider, issuer: `${provider.issuer}/`, selector });
  const session = await application.refresh(await signIn(application, provider));
  expect(session).toMatchObject({ issuer: `${provider.issuer}/`, subject: 'alice' });
});

test('keys are not fetched over http from a provider that has https', async () => {
  const configuration = new Configuration(
    { issuer: 'https://idp.example.com', jwks_uri: 'http://idp.example.com/jwks' },
    'web-app',
  );
  await expect(providerKeys(configuration)({ alg: 'RS256' }, { payload: '', signature: '' })).rejects.toThrow(
    'no applicable key',
  );
});

test('a user who declines is told from a client that the provider refuses', async () => {
  const application = login();
  provider.user = undefined;
  expect(await failure(signIn(application, provider))).toMatchObject({
    code: 'grant_refused',
    error: 'access_denied',
    isDeclined: true,
    fallsBack: false,
  });
  expect(events.at(-1)).toMatchObject({ type: 'login', outcome: 'declined' });
  provider.user = 'alice';
  rewriting.rewrites = { '/token': () => Response.json({ error: 'access_denied' }, { status: 403 }) };
  expect(await failure(signIn(application, provider))).toMatchObject({ isDeclined: false, endpoint: 'token' });
  expect(events.at(-1)).toMatchObject({ type: 'login', outcome: 'refused', error: 'access_denied' });
});

test('a code works once', async () => {
  const application = login();
  const { url, pending } = await application.start({ key: 'alice' });
  const callback = await provider.browse(url);
  await application.finish(callback, pending);
  expect(await failure(application.finish(callback, pending))).toMatchObject({ error: 'invalid_grant' });
});

test('what happens in a login is an event, and of a silent one nothing', async () => {
  const application = login();
  await signIn(application, provider);
  expect(events).toEqual([
    { type: 'selection', use: 'login', side: 'legacy', reason: 'disabled', revision: '1' },
    { type: 'login', outcome: 'started', side: 'legacy' },
    { type: 'login', outcome: 'succeeded', side: 'legacy' },
    { type: 'mint', use: 'login', asked: 'legacy', minted: 'legacy', revision: '1' },
  ]);
  events = [];
  await application.start({ key: 'alice', prompt: 'none' });
  expect(events.map(({ type }) => type)).toEqual(['selection']);
});
