import { createSelector } from '@crossfade/selector';
import { decodeJwt } from 'jose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ClientEvent } from '../../src/events/client-event.ts';
import { createBrowserLogin } from '../../src/login/create-browser-login.ts';
import { type ProviderFixture, signAsProvider, startProvider } from '../fixture/provider-fixture.ts';
import { failure, signIn } from '../fixture/sign-in.ts';

const SCOPE = 'openid offline_access';

let legacy: ProviderFixture;
let target: ProviderFixture;
let percent: number;
let isLegacyClosed: boolean;
beforeEach(async () => {
  [legacy, target] = await Promise.all([startProvider(), startProvider()]);
  percent = 0;
  isLegacyClosed = false;
});
afterEach(() => Promise.all([legacy.close(), target.close()]));

/** One issuer a side, as at Okta: both with the same scope, so that only the issuer tells the sides. */
function application() {
  const side = ({ issuer }: ProviderFixture) => ({ scope: SCOPE, issuer });
  const selector = createSelector({
    legacy: side(legacy),
    target: side(target),
    dialect: 'scope',
    refresh: 'retarget',
    salt: 'orders-2026',
    issuance: () => ({ enabled: percent > 0, percent, revision: String(percent), sinceMs: null }),
  });
  return createBrowserLogin({
    providers: { legacy, target },
    redirectUri: legacy.redirectUri,
    selector,
    acceptance: () => (isLegacyClosed ? 'target' : 'both'),
  });
}

const grantsOf = ({ requests }: ProviderFixture) => requests.length;

test('a login goes to the provider of its side, which proves the side of the token', async () => {
  const login = application();
  const first = await signIn(login, legacy);
  percent = 100;
  const second = await signIn(login, target);
  expect([first.issuer, first.token.side]).toEqual([legacy.issuer, 'legacy']);
  expect([second.issuer, second.token.side]).toEqual([target.issuer, 'target']);
});

test('a refresh goes to the provider of the session, whatever the flag says', async () => {
  const login = application();
  const session = await signIn(login, legacy);
  percent = 100;
  const before = grantsOf(target);
  const refreshed = await login.refresh(session);
  expect([refreshed.issuer, refreshed.token.side]).toEqual([legacy.issuer, 'legacy']);
  expect(grantsOf(target)).toBe(before);

  const moved = await signIn(login, target);
  percent = 0;
  expect((await login.refresh(moved)).token.side).toBe('target');
});

test('a session of the closed side is sent to log in, at the other provider', async () => {
  const login = application();
  const session = await signIn(login, legacy);
  percent = 100;
  isLegacyClosed = true;
  expect(await failure(login.refresh(session))).toMatchObject({ code: 'login_required', endsSession: false });
  expect((await signIn(login, target)).token.side).toBe('target');
});

test('a callback of the other provider is refused, and no provider is asked', async () => {
  const login = application();
  const { url, pending } = await login.start({ key: 'alice' });
  const callback = await legacy.browse(url);
  const requests = [legacy, target].map(({ paths }) => paths.length);
  callback.searchParams.set('iss', target.issuer);
  expect(await failure(login.finish(callback, pending))).toMatchObject({ code: 'invalid_response', check: 'iss' });
  expect([legacy, target].map(({ paths }) => paths.length)).toEqual(requests);
});

test('a login that was started at one provider is not finished at the other', async () => {
  const login = application();
  const { url, pending } = await login.start({ key: 'alice' });
  const callback = await legacy.browse(url);
  const mixedUp = { ...pending, issuer: target.issuer, asked: { side: 'target' as const } };
  expect(await failure(login.finish(callback, mixedUp))).toMatchObject({ check: 'iss' });
});

test('a session of an issuer that the client no longer has needs a login, and is no error elsewhere', async () => {
  const session = await signIn(application(), legacy);
  const events: ClientEvent[] = [];
  const onEvent = (event: ClientEvent) => void events.push(event);
  const login = createBrowserLogin({ ...target, selector: createSelectorOf(target), onEvent });
  const asked = legacy.paths.length + target.paths.length;
  const loginRequired = { code: 'login_required', endsSession: false };
  expect(await failure(login.refresh(session))).toMatchObject(loginRequired);
  expect(await failure(login.userinfo(session))).toMatchObject(loginRequired);
  expect([await login.logoutUrl(session), await login.revoke(session)]).toEqual([undefined, undefined]);
  expect(events).toEqual([{ type: 'refresh', outcome: 'login_required' }]);
  expect(legacy.paths.length + target.paths.length).toBe(asked);
});

test('a logout token is verified by the provider that it names', async () => {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const token = await signAsProvider({
    iss: target.issuer,
    aud: target.clientId,
    iat: nowSeconds,
    exp: nowSeconds + 60,
    sub: 'alice',
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
  });
  expect(await application().logoutToken(token)).toEqual({ issuer: target.issuer, sub: 'alice' });
});

test('of two clients at one provider each session stays with its own', async () => {
  const shared = await startProvider({ otherClientId: 'target-app' });
  try {
    const login = createBrowserLogin({
      providers: { legacy: shared, target: { ...shared, clientId: 'target-app' } },
      redirectUri: shared.redirectUri,
      selector: createSelectorOf(shared),
    });
    percent = 100;
    const session = await signIn(login, shared);
    percent = 0;
    const refreshed = await login.refresh(session);
    expect([session, refreshed].map(({ idToken = '' }) => decodeJwt(idToken).aud)).toEqual([
      'target-app',
      'target-app',
    ]);
    expect(refreshed.token.side).toBe('target');
  } finally {
    await shared.close();
  }
});

function createSelectorOf({ issuer }: ProviderFixture) {
  return createSelector({
    legacy: { scope: SCOPE, issuer },
    target: { scope: `${SCOPE} orders:read`, issuer },
    refresh: 'retarget',
    salt: 'orders-2026',
    issuance: () => ({ enabled: percent > 0, percent, revision: String(percent), sinceMs: null }),
  });
}
