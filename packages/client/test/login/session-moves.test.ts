import type { Acceptance } from '@crossfade/core';
import { afterEach, expect, test } from 'vitest';
import type { BrowserLogin, LoginSession } from '../../src/login/browser-login.ts';
import { createBrowserLogin } from '../../src/login/create-browser-login.ts';
import { audienceOf } from '../fixture/audience-of.ts';
import { type IssuanceFixtureOptions, issuanceFixture } from '../fixture/issuance-fixture.ts';
import type { ProviderRefusal } from '../fixture/provider-capabilities.ts';
import { LEGACY_AUDIENCE, type ProviderFixture, startProvider, TARGET_RESOURCE } from '../fixture/provider-fixture.ts';

let provider: ProviderFixture | undefined;
afterEach(() => provider?.close());

async function loginAt(refuses: ProviderRefusal | undefined, options: IssuanceFixtureOptions) {
  const started = await startProvider({ capabilities: { widens: true, ...(refuses && { refuses }) } });
  provider = started;
  const issuance = issuanceFixture(options);
  const switches: { acceptance: Acceptance } = { acceptance: 'both' };
  const login = createBrowserLogin({
    ...started,
    selector: issuance.selector,
    acceptance: () => switches.acceptance,
  });
  return { provider: started, issuance, login, switches };
}

async function signIn(login: BrowserLogin, key: string): Promise<LoginSession> {
  const { url, pending } = await login.start({ key });
  const callback = await provider?.browse(url);
  return login.finish(callback ?? expect.unreachable('there must be a provider'), pending);
}

const MOVES_REFUSED = { at: 'refresh', asks: 'target', error: 'invalid_target' } as const;

test('where a refused move spends the refresh token, one session ends and the others stay', async () => {
  const { provider, issuance, login } = await loginAt({ ...MOVES_REFUSED, spends: true }, { refresh: 'retarget' });
  const [alice, bob] = [await signIn(login, 'alice'), await signIn(login, 'bob')];
  Object.assign(issuance, { percent: 100, revision: '2' });
  await expect(login.refresh(alice)).rejects.toMatchObject({ code: 'login_required', endsSession: true });
  const before = provider.requests.length;
  const stayed = await login.refresh(bob);
  expect([stayed.token.side, audienceOf(stayed.token.accessToken)]).toEqual(['legacy', LEGACY_AUDIENCE]);
  expect(provider.requests.length - before).toBe(1);
});

test('a session that cannot be moved once legacy is closed needs a login, which asks for target', async () => {
  const { issuance, login, switches } = await loginAt(MOVES_REFUSED, { refresh: 'retarget' });
  const alice = await signIn(login, 'alice');
  Object.assign(issuance, { percent: 100, revision: '2' });
  switches.acceptance = 'target';
  await expect(login.refresh(alice)).rejects.toMatchObject({ code: 'login_required', endsSession: false });
  expect(audienceOf((await signIn(login, 'alice')).token.accessToken)).toBe(TARGET_RESOURCE);
});

test('a session whose login fell back to legacy is refreshed as legacy, by one request', async () => {
  const refusal = { at: 'code', asks: 'target', error: 'invalid_target' } as const;
  const { provider, issuance, login } = await loginAt(refusal, { refresh: 'keep' });
  issuance.percent = 100;
  await expect(signIn(login, 'alice')).rejects.toMatchObject({ fallsBack: true });
  const session = await signIn(login, 'alice');
  const before = provider.requests.length;
  const refreshed = await login.refresh(session);
  expect([refreshed.token.side, audienceOf(refreshed.token.accessToken)]).toEqual(['legacy', LEGACY_AUDIENCE]);
  expect(provider.requests.length - before).toBe(1);
});

test('a session of a login with a resource stays there after a rollback if legacy has none', async () => {
  // Without a resource a refresh is for that of the login, and with the scope of legacy its token would have none of it.
  const { issuance, login } = await loginAt(undefined, { refresh: 'retarget' });
  issuance.percent = 100;
  const session = await signIn(login, 'alice');
  Object.assign(issuance, { percent: 0, revision: '2' });
  const { token } = await login.refresh(session);
  expect([token.side, token.scope, audienceOf(token.accessToken)]).toEqual([
    'target',
    'orders:read billing:read',
    TARGET_RESOURCE,
  ]);
});
