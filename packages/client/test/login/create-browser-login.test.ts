import { inspect } from 'node:util';
import { UnavailableError } from '@crossfade/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BrowserLogin, LoginRequest, LoginSession, PendingLogin } from '../../src/login/browser-login.ts';
import { createBrowserLogin } from '../../src/login/create-browser-login.ts';
import { GrantRefusedError, InvalidResponseError, LoginRequiredError } from '../../src/provider/errors.ts';
import { audienceOf } from '../fixture/audience-of.ts';
import { type IssuanceFixtureOptions, issuanceFixture } from '../fixture/issuance-fixture.ts';
import {
  LEGACY_AUDIENCE,
  type ProviderFixture,
  startProvider,
  TARGET_RESOURCE,
  TARGET_SIDE,
} from '../fixture/provider-fixture.ts';

let provider: ProviderFixture;
beforeEach(async () => {
  provider = await startProvider();
});
afterEach(() => provider.close());

async function loginAt(percent: number, options?: IssuanceFixtureOptions) {
  const issuance = issuanceFixture(options);
  issuance.percent = percent;
  const clock = { nowMs: Date.now() };
  const login = createBrowserLogin({ ...provider, selector: issuance.selector, now: () => clock.nowMs });
  return { issuance, clock, login };
}

async function signIn(login: BrowserLogin, request: LoginRequest = { key: 'alice' }): Promise<LoginSession> {
  const { url, pending } = await login.start(request);
  return login.finish(await provider.browse(url), pending);
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.unreachable('should have been refused'),
    (error: unknown) => error,
  );
}

test('a login asks for the side that the selector selects, and gets a token for that audience', async () => {
  const { login, issuance } = await loginAt(0);
  const legacy = await signIn(login);
  issuance.percent = 100;
  const target = await signIn(login);
  expect([legacy.token.side, audienceOf(legacy.token.accessToken)]).toEqual(['legacy', LEGACY_AUDIENCE]);
  expect([target.token.side, audienceOf(target.token.accessToken)]).toEqual(['target', TARGET_RESOURCE]);
  expect(target).toMatchObject({
    issuer: provider.issuer,
    selection: { side: 'target', key: 'alice' },
    subject: 'alice',
    token: { scope: 'orders:read' },
  });
});

test('the authorization request carries PKCE, state, nonce and the parameters of the side', async () => {
  const { login } = await loginAt(100);
  const { url, pending } = await login.start({ key: 'alice' });
  expect(Object.fromEntries(url.searchParams)).toEqual({
    ...TARGET_SIDE,
    client_id: 'web-app',
    response_type: 'code',
    redirect_uri: provider.redirectUri,
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge_method: 'S256',
  });
  expect((await login.start({ key: 'alice' })).pending.state).not.toBe(pending.state);
});

test('the authorization request follows the dialect of the provider', async () => {
  const audience = 'https://api.example.com/orders';
  const { login } = await loginAt(100, {
    dialect: 'auth0',
    legacy: { scope: 'openid', audience: 'default-api' },
    target: { scope: 'openid orders:read', audience },
  });
  const { searchParams } = await (await login.start({ key: 'alice' })).url;
  expect([searchParams.get('scope'), searchParams.get('audience')]).toEqual(['openid orders:read', audience]);
  expect((await login.start({ side: 'legacy' })).url.searchParams.get('audience')).toBe('default-api');
});

test('a pending login and a session can be stored as JSON', async () => {
  const { login } = await loginAt(100);
  const { url, pending } = await login.start({ key: 'alice', side: 'legacy' });
  const stored = JSON.parse(JSON.stringify(pending)) as PendingLogin;
  expect(stored).toEqual(pending);
  const session = await login.finish(await provider.browse(url), stored);
  expect(JSON.parse(JSON.stringify(session))).toEqual(session);
});

test('a callback is read by its query alone, whatever host a proxy gives it', async () => {
  const { login } = await loginAt(0);
  const { url, pending } = await login.start({ key: 'alice' });
  const callback = await provider.browse(url);
  const session = await login.finish(new URL(`http://10.0.0.7:3000/internal${callback.search}`), pending);
  expect(session.token.side).toBe('legacy');
});

test('a session keeps its side across refreshes while issuance moves', async () => {
  const { login, issuance } = await loginAt(0);
  const first = await signIn(login);
  issuance.percent = 100;
  const second = await login.refresh(first);
  expect([second.token.side, audienceOf(second.token.accessToken)]).toEqual(['legacy', LEGACY_AUDIENCE]);

  const target = await signIn(login);
  issuance.percent = 0;
  const refreshed = await login.refresh(target);
  expect([refreshed.token.side, audienceOf(refreshed.token.accessToken)]).toEqual(['target', TARGET_RESOURCE]);
});

test('a plain refresh sends the resource of its side and no scope, in one request', async () => {
  const { login } = await loginAt(100);
  await login.refresh(await signIn(login));
  expect(provider.requests.slice(-1)).toEqual(['refresh_token']);
  expect(provider.requests.filter((grant) => grant === 'refresh_token')).toHaveLength(1);
  expect(provider.grants.at(-1)).toMatchObject({ resource: TARGET_RESOURCE, scope: undefined });
});

test('a refresh stores the rotated refresh token and keeps the subject', async () => {
  const { login } = await loginAt(0);
  const first = await signIn(login);
  const second = await login.refresh(first);
  const third = await login.refresh(second);
  expect(new Set([first, second, third].map((session) => session.refreshToken)).size).toBe(3);
  expect(third).toMatchObject({ subject: 'alice', selection: { side: 'legacy', key: 'alice' } });
});

test('concurrent refreshes of one session share one request, so rotation does not end it', async () => {
  const { login } = await loginAt(0);
  const session = await signIn(login);
  const refreshed = await Promise.all(Array.from({ length: 20 }, () => login.refresh(session)));
  expect(new Set(refreshed.map(({ token }) => token.accessToken)).size).toBe(1);
  expect(provider.requests.filter((grant) => grant === 'refresh_token')).toHaveLength(1);
});

/**
 * Both sides with the same scope: the login is granted what a refresh for the other resource needs, and no token response shows its
 * side.
 */
const ONE_SCOPE = {
  legacy: { scope: TARGET_SIDE.scope.replace(' offline_access', '') },
  target: { scope: 'openid orders:read', resource: TARGET_RESOURCE },
};

test('a session moves to the other side on refresh if the provider can retarget', async () => {
  const { login, issuance } = await loginAt(0, { ...ONE_SCOPE, refresh: 'retarget' });
  const session = await signIn(login);
  issuance.percent = 100;
  const moved = await login.refresh(session);
  expect([moved.token.asked, moved.token.side, moved.selection.side]).toEqual([
    { side: 'target' },
    'unknown',
    'legacy',
  ]);
  expect(audienceOf(moved.token.accessToken)).toBe(TARGET_RESOURCE);
});

test('a rollback moves sessions back at their next refresh', async () => {
  const { login, issuance } = await loginAt(0, { ...ONE_SCOPE, refresh: 'retarget' });
  const session = await signIn(login);
  issuance.percent = 100;
  const moved = await login.refresh(session);
  const settled = await login.refresh(moved);
  issuance.percent = 0;
  const back = await login.refresh(settled);
  expect([settled, back].map((each) => [each.token.asked.side, audienceOf(each.token.accessToken)])).toEqual([
    ['target', TARGET_RESOURCE],
    ['legacy', LEGACY_AUDIENCE],
  ]);
});

test('a session whose login was granted too little stays on its side instead of ending', async () => {
  const { login, issuance } = await loginAt(0, { refresh: 'retarget' });
  const session = await signIn(login);
  issuance.percent = 100;
  const stayed = await login.refresh(session);
  expect([stayed.token.side, audienceOf(stayed.token.accessToken)]).toEqual(['legacy', LEGACY_AUDIENCE]);
});

test('a session does not move while the switch cannot be read', async () => {
  const { login, issuance } = await loginAt(100, { ...ONE_SCOPE, refresh: 'retarget' });
  const session = await signIn(login);
  issuance.broken = true;
  expect((await login.refresh(session)).token.asked.side).toBe('target');
});

test('a forced login stays forced across its refreshes', async () => {
  const { login } = await loginAt(100, { ...ONE_SCOPE, refresh: 'retarget' });
  const session = await signIn(login, { key: 'alice', side: 'legacy' });
  expect((await login.refresh(session)).token.asked.side).toBe('legacy');
});

test('a session that only a login can move stays on its side', async () => {
  const { login, issuance } = await loginAt(0, { refresh: 'reauthenticate' });
  const session = await signIn(login);
  issuance.percent = 100;
  expect((await login.refresh(session)).token.side).toBe('legacy');
});

test('a session that has ended requires a login', async () => {
  const { login } = await loginAt(0);
  const session = await signIn(login);
  await login.refresh(session);
  const spent = await failure(login.refresh(session));
  expect(spent).toBeInstanceOf(LoginRequiredError);
  expect(spent).toMatchObject({ code: 'login_required', endsSession: true });
  const { refreshToken: _, ...tokenless } = session;
  expect(await failure(login.refresh(tokenless))).toMatchObject({ code: 'login_required', endsSession: false });
});

test.each(['state', 'nonce', 'codeVerifier'] as const)(
  'a callback that does not fit its %s is refused',
  async (field) => {
    const { login } = await loginAt(0);
    const { url, pending } = await login.start({ key: 'alice' });
    const callback = await provider.browse(url);
    const error = await failure(
      login.finish(callback, { ...pending, [field]: (await login.start({})).pending[field] ?? '' }),
    );
    const expected = field === 'codeVerifier' ? GrantRefusedError : InvalidResponseError;
    expect(error).toBeInstanceOf(expected);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(callback.searchParams.get('code'));
  },
);

test('a callback from another issuer is rejected', async () => {
  const { login } = await loginAt(0);
  const { url, pending } = await login.start({ key: 'alice' });
  const callback = await provider.browse(url);
  callback.searchParams.set('iss', 'https://evil.example.com');
  await expect(login.finish(callback, pending)).rejects.toThrow(InvalidResponseError);
});

test('a user who declines is distinguished from a provider that is down', async () => {
  const { login } = await loginAt(0);
  const { pending } = await login.start({ key: 'alice' });
  const respond = (error: string) => {
    const query = new URLSearchParams({ error, state: pending.state, iss: provider.issuer });
    return login.finish(new URL(`${provider.redirectUri}?${query}`), pending);
  };
  expect(await failure(respond('access_denied'))).toMatchObject({ code: 'grant_refused', error: 'access_denied' });
  expect(await failure(respond('temporarily_unavailable'))).toBeInstanceOf(UnavailableError);
});

test('an outage during a refresh leaves the session valid', async () => {
  const { login, clock } = await loginAt(0);
  const session = await signIn(login);
  provider.fault = (response) => response.writeHead(503, { 'retry-after': '7' }).end();
  expect(await failure(login.refresh(session))).toMatchObject({ code: 'unavailable', retryAfterSeconds: 7 });
  provider.fault = undefined;
  clock.nowMs += 7000;
  expect((await login.refresh(session)).token.side).toBe('legacy');
});

test('a provider without OpenID gets no nonce, and the session no ID token', async () => {
  const { login } = await loginAt(0, { legacy: { scope: 'profile:read' } });
  const { url, pending } = await login.start({ key: 'alice' });
  expect(url.searchParams.has('nonce')).toBe(false);
  const session = await login.finish(await provider.browse(url), pending);
  expect(session.idToken).toBeUndefined();
});

test('no error of a session contains its tokens', async () => {
  const { login } = await loginAt(0);
  const session = await signIn(login);
  const tokens = { refresh_token: session.refreshToken, access_token: session.token.accessToken };
  const echo = JSON.stringify({ ...tokens, token_type: 'mac' });
  for (const [status, body] of [
    [200, echo],
    [200, `${echo}}`],
    [400, JSON.stringify({ error: session.refreshToken, error_description: session.refreshToken })],
    [500, echo],
  ] as const) {
    provider.fault = (response) => response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    const text = inspect(await failure(login.refresh(session)), { depth: 9, showHidden: true });
    expect(text).toContain('Error');
    expect(text).not.toContain(session.refreshToken);
    expect(text).not.toContain(session.token.accessToken);
  }
});

test('a redirect URI that cannot match is rejected at creation', async () => {
  const { selector } = issuanceFixture();
  for (const redirectUri of [
    'javascript:alert(1)',
    'data:text/html,x',
    '/callback',
    'https://app.example.com',
    'https://app.example.com/callback?x=1',
  ]) {
    expect(() => createBrowserLogin({ ...provider, redirectUri, selector })).toThrow(
      expect.objectContaining({ code: 'config_invalid', problems: [expect.objectContaining({ path: 'redirectUri' })] }),
    );
  }
});
