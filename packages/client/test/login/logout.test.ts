import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { UnavailableError } from '@crossfade/core';
import { SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createBrowserLogin } from '../../src/login/create-browser-login.ts';
import { issuanceFixture } from '../fixture/issuance-fixture.ts';
import { type ProviderFixture, signAsProvider, startProvider } from '../fixture/provider-fixture.ts';
import { type RewritingFetch, rewritingFetch } from '../fixture/rewriting-fetch.ts';
import { failure, signIn } from '../fixture/sign-in.ts';

const METADATA = '/.well-known/openid-configuration';

let provider: ProviderFixture;
let rewriting: RewritingFetch;
beforeEach(async () => {
  provider = await startProvider();
  rewriting = rewritingFetch();
});
afterEach(() => provider.close());

function application() {
  const { selector } = issuanceFixture();
  return createBrowserLogin({ ...provider, fetch: rewriting.fetch, selector });
}

/** Takes an endpoint out of the provider's metadata. */
function without(endpoint: string) {
  rewriting.rewrites = { [METADATA]: ({ [endpoint]: _, ...metadata }) => metadata };
}

describe('the logout at the provider', () => {
  test('is asked for with the ID token, and returns to the application', async () => {
    const login = application();
    const session = await signIn(login, provider);
    const postLogoutRedirectUri = 'https://app.example.com/';
    const url = await login.logoutUrl(session, { postLogoutRedirectUri, state: 's' });
    expect(Object.fromEntries(url?.searchParams ?? [])).toEqual({
      client_id: 'web-app',
      id_token_hint: session.idToken,
      post_logout_redirect_uri: postLogoutRedirectUri,
      state: 's',
    });
    const response = await fetch(url ?? '');
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('form')]);
  });

  test('is left out where the provider has none, or is down', async () => {
    const session = await signIn(application(), provider);
    without('end_session_endpoint');
    expect(await application().logoutUrl(session)).toBeUndefined();
    provider.fault = (response) => response.writeHead(500).end();
    expect(await application().logoutUrl(session)).toBeUndefined();
  });
});

describe('a revocation', () => {
  test('ends the refresh token', async () => {
    const login = application();
    const session = await signIn(login, provider);
    await login.revoke(session);
    expect(await failure(login.refresh(session))).toMatchObject({ code: 'login_required', endsSession: true });
    expect(provider.paths.filter((path) => path.startsWith('/token/revocation'))).toHaveLength(2);
  });

  test('sends nothing where the provider has none, and fails for no reason', async () => {
    const session = await signIn(application(), provider);
    without('revocation_endpoint');
    const requests = provider.paths.length;
    await application().revoke(session);
    expect(provider.paths.slice(requests)).toEqual([METADATA]);
    provider.fault = (response) => response.writeHead(500).end();
    await expect(application().revoke(session)).resolves.toBeUndefined();
  });
});

describe('the user', () => {
  const opaque = { scope: 'openid offline_access' };
  async function withUserinfo() {
    const login = createBrowserLogin({
      ...provider,
      fetch: rewriting.fetch,
      selector: issuanceFixture({ legacy: opaque }).selector,
    });
    return { login, session: await signIn(login, provider) };
  }

  function respond(json: Record<string, unknown>) {
    rewriting.rewrites = { '/me': () => Response.json(json) };
  }

  test('is the one of the session, with whatever claims the provider has', async () => {
    const { login, session } = await withUserinfo();
    respond({ sub: 'alice', email: null, email_verified: 'true', groups: ['a'], address: {} });
    expect(await login.userinfo(session)).toEqual({ sub: 'alice', email_verified: 'true', groups: ['a'], address: {} });
  });

  test('is refused if it is another one', async () => {
    const { login, session } = await withUserinfo();
    respond({ sub: 'mallory' });
    const error = await failure(login.userinfo(session));
    expect(error).toMatchObject({ code: 'invalid_response', check: 'sub' });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('mallory');
  });

  test.each([{}, { sub: '' }, { sub: 7 }])('is refused without a subject: %j', async (json) => {
    const { login, session } = await withUserinfo();
    respond(json);
    expect(await failure(login.userinfo(session))).toMatchObject({ code: 'invalid_response', check: 'sub' });
  });

  test('is refused with the code of the challenge', async () => {
    const { login, session } = await withUserinfo();
    const headers = { 'www-authenticate': 'Bearer error="invalid_token", error_description="x"' };
    rewriting.rewrites = { '/me': () => new Response(null, { status: 401, headers }) };
    expect(await failure(login.userinfo(session))).toMatchObject({ code: 'grant_refused', error: 'invalid_token' });
  });

  test('cannot be asked for where the provider has no such endpoint', async () => {
    const { session } = await withUserinfo();
    without('userinfo_endpoint');
    expect(await failure(application().userinfo(session))).toMatchObject({ check: 'metadata' });
  });
});

describe('a logout token', () => {
  const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
  const nowSeconds = () => Math.floor(Date.now() / 1000);
  const claims = () => ({
    iss: provider.issuer,
    aud: 'web-app',
    iat: nowSeconds(),
    exp: nowSeconds() + 120,
    jti: 'j',
    sub: 'alice',
    sid: 's',
    events: { [EVENT]: {} },
  });

  test.each(['logout+jwt', 'application/logout+jwt', 'JWT', undefined])('of type %s is verified', async (typ) => {
    const token = await signAsProvider(claims(), typ === undefined ? {} : { typ });
    expect(await application().logoutToken(token)).toEqual({ issuer: provider.issuer, sub: 'alice', sid: 's' });
  });

  test('may have a user or a session only, more events, and no expiry if it is new', async () => {
    const { sub: _, ...ofSession } = claims();
    const { sid: __, exp: ___, ...ofUser } = claims();
    const events = { [EVENT]: {}, 'https://example.com/event': {} };
    const login = application();
    const { issuer } = provider;
    expect(await login.logoutToken(await signAsProvider({ ...ofSession, events }))).toEqual({ issuer, sid: 's' });
    expect(await login.logoutToken(await signAsProvider(ofUser))).toEqual({ issuer, sub: 'alice' });
  });

  test.each<[string, string, Record<string, unknown>, Record<string, string>]>([
    ['of another issuer', 'iss', { iss: 'https://evil.example.com' }, {}],
    ['for another client', 'aud', { aud: 'another-client' }, {}],
    ['that has expired', 'exp', { exp: 1 }, {}],
    ['that is old and has no expiry', 'exp', { exp: undefined, iat: 1_000_000_000 }, {}],
    ['from the future', 'iat', { iat: 4_000_000_000 }, {}],
    ['without a time', 'iat', { iat: undefined }, {}],
    ['with a nonce, as an ID token', 'nonce', { nonce: 'n' }, {}],
    ['without its event', 'events', { events: { 'https://example.com/event': {} } }, {}],
    ['whose event is no object', 'events', { events: { [EVENT]: 'x' } }, {}],
    ['of no user and no session', 'sub', { sub: undefined, sid: undefined }, {}],
    ['of an empty session', 'sid', { sid: '' }, {}],
    ['that is an access token', 'typ', {}, { typ: 'at+jwt' }],
    ['of an unknown key', 'signature', {}, { kid: 'unknown' }],
  ])('%s is refused: %s', async (_, check, changed, header) => {
    const token = await signAsProvider({ ...claims(), ...changed }, header);
    expect(await failure(application().logoutToken(token))).toMatchObject({ code: 'invalid_response', check });
  });

  test('that another key signed, or the client secret, or that is none, is refused', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const withKey = await new SignJWT(claims()).setProtectedHeader({ alg: 'RS256' }).sign(privateKey);
    const withSecret = await new SignJWT(claims())
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode(provider.clientSecret));
    const checks = [withKey, withSecret, 'x', ''].map((token) => failure(application().logoutToken(token)));
    expect((await Promise.all(checks)).map((error) => (error as { check: string }).check)).toEqual([
      'signature',
      'alg',
      'response',
      'response',
    ]);
  });

  test('cannot be verified while the keys cannot be fetched', async () => {
    const token = await signAsProvider(claims());
    rewriting.rewrites = { '/jwks': () => new Response(null, { status: 500 }) };
    expect(await failure(application().logoutToken(token))).toBeInstanceOf(UnavailableError);
  });

  test('of an issuer that the client does not have causes no request', async () => {
    const token = await signAsProvider({ ...claims(), iss: 'https://evil.example.com' });
    const requests = provider.paths.length;
    await failure(application().logoutToken(token));
    expect(provider.paths).toHaveLength(requests);
  });
});
