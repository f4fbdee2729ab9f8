import { combineSelectors } from '@crossfade/selector';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LoginSession } from '../../src/login/browser-login.ts';
import { createBrowserLogin } from '../../src/login/create-browser-login.ts';
import { createTokenSource } from '../../src/machine/create-token-source.ts';
import { audienceOf } from '../fixture/audience-of.ts';
import { issuanceFixture } from '../fixture/issuance-fixture.ts';
import { BILLING_RESOURCE, type ProviderFixture, startProvider, TARGET_RESOURCE } from '../fixture/provider-fixture.ts';

let provider: ProviderFixture;
beforeEach(async () => {
  provider = await startProvider();
});
afterEach(() => provider.close());

const LEGACY = { scope: 'openid profile:read', resource: 'urn:fixture:legacy' };

function twoMigrations(refresh: 'keep' | 'retarget' = 'keep', legacy = LEGACY) {
  const orders = issuanceFixture({
    salt: 'orders',
    refresh,
    legacy,
    target: { scope: 'openid orders:read', resource: TARGET_RESOURCE },
  });
  const billing = issuanceFixture({
    salt: 'billing',
    refresh,
    legacy,
    target: { scope: 'openid billing:read', resource: BILLING_RESOURCE },
  });
  return { orders, billing, selector: combineSelectors([orders.selector, billing.selector]) };
}

async function signIn(migrations: ReturnType<typeof twoMigrations>) {
  const login = createBrowserLogin({ ...provider, selector: migrations.selector });
  const { url, pending } = await login.start({ key: 'alice' });
  const stored = JSON.parse(JSON.stringify(pending)) as typeof pending;
  const session = await login.finish(await provider.browse(url), stored);
  return { login, url, session: JSON.parse(JSON.stringify(session)) as LoginSession };
}

test('one login gets one token for the targets of two migrations', async () => {
  const migrations = twoMigrations();
  migrations.orders.percent = 100;
  migrations.billing.percent = 100;
  const { url, session } = await signIn(migrations);
  expect(url.searchParams.getAll('resource')).toEqual([TARGET_RESOURCE, BILLING_RESOURCE]);
  expect(provider.grants.at(-1)).toMatchObject({ resource: [TARGET_RESOURCE, BILLING_RESOURCE] });
  expect(audienceOf(session.token.accessToken)).toEqual([TARGET_RESOURCE, BILLING_RESOURCE]);
  expect(session).toMatchObject({
    selection: { side: 'target', sides: { orders: 'target', billing: 'target' } },
    token: { asked: { side: 'target', sides: { orders: 'target', billing: 'target' } } },
  });
});

test('migrations at different positions share a login, and its refreshes stay there', async () => {
  const migrations = twoMigrations();
  migrations.orders.percent = 100;
  const { login, session } = await signIn(migrations);
  expect(session).toMatchObject({ selection: { side: 'legacy', sides: { orders: 'target', billing: 'legacy' } } });
  migrations.billing.percent = 100;
  migrations.orders.percent = 0;
  const refreshed = await login.refresh(session);
  expect(audienceOf(refreshed.token.accessToken)).toEqual([TARGET_RESOURCE, LEGACY.resource]);
  expect(provider.grants.at(-1)).toMatchObject({ scope: undefined });
  expect(refreshed.token.asked.sides).toEqual({ orders: 'target', billing: 'legacy' });
});

test('one migration of a session moves on refresh while the other stays', async () => {
  // A refresh may ask for no scope that the login was not granted (RFC 6749 §6).
  const migrations = twoMigrations('retarget', { ...LEGACY, scope: 'openid profile:read orders:read billing:read' });
  migrations.orders.percent = 100;
  const { login, session } = await signIn(migrations);
  migrations.billing.percent = 100;
  const moved = await login.refresh(session);
  expect(audienceOf(moved.token.accessToken)).toEqual([TARGET_RESOURCE, BILLING_RESOURCE]);
  expect(moved).toMatchObject({
    token: { asked: { sides: { orders: 'target', billing: 'target' } } },
    selection: { sides: { orders: 'target', billing: 'legacy' } },
  });
});

test('a refused move leaves a session on the sides that it has', async () => {
  const migrations = twoMigrations('retarget');
  const { login, session } = await signIn(migrations);
  migrations.orders.percent = 100;
  const refreshed = await login.refresh(session);
  expect(refreshed.token.asked.sides).toEqual({ orders: 'legacy', billing: 'legacy' });
  expect(provider.requests.filter((grant) => grant === 'refresh_token')).toHaveLength(2);
});

test('a machine keeps one migration where it is while its switch cannot be read, and moves the other', async () => {
  const migrations = twoMigrations();
  migrations.orders.percent = 100;
  const asked: unknown[] = [];
  const tokens = createTokenSource({ ...provider, selector: migrations.selector });
  const request = async () => {
    const before = provider.tokenResources.length;
    await tokens.token();
    // This provider refuses a machine several resources at once: legacy alone is requested after that.
    asked.push(provider.tokenResources[before]);
  };
  await request();
  migrations.orders.broken = true;
  migrations.billing.percent = 100;
  await request();
  expect(asked).toEqual([
    [TARGET_RESOURCE, LEGACY.resource],
    [TARGET_RESOURCE, BILLING_RESOURCE],
  ]);
});
