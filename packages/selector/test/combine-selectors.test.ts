import { type Issuance, SELECTION_REASONS } from '@crossfade/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { combineSelectors } from '../src/combine-selectors.ts';
import { createSelector } from '../src/create-selector.ts';
import { bucketOf } from '../src/index.ts';
import type { CommonSelectorOptions, RefreshCapability, Selector } from '../src/selector.ts';

const ORDERS = 'https://api.example.com/orders';
const BILLING = 'https://api.example.com/billing';

interface Switch {
  percent: number;
  stale: boolean;
}

function migration(name: string, switchState: Switch, options: Partial<CommonSelectorOptions> = {}): Selector {
  return createSelector({
    legacy: { scope: 'openid profile' },
    target: { scope: `openid ${name}:read`, resource: `https://api.example.com/${name}` },
    salt: name,
    issuance: (): Issuance & { stale: boolean } => ({
      enabled: switchState.percent > 0,
      percent: switchState.percent,
      revision: name,
      sinceMs: null,
      stale: switchState.stale,
    }),
    ...options,
  });
}

function twoMigrations(refresh: RefreshCapability = 'keep') {
  const orders: Switch = { percent: 0, stale: false };
  const billing: Switch = { percent: 0, stale: false };
  const selector = combineSelectors([
    migration('orders', orders, { refresh }),
    migration('billing', billing, { refresh }),
  ]);
  return { orders, billing, selector };
}

test('a login asks for all targets at once: scopes united, resources repeated', () => {
  const { selector, orders, billing } = twoMigrations();
  orders.percent = 100;
  billing.percent = 100;
  expect(selector.select({ key: 'alice' })).toMatchObject({
    side: 'target',
    scope: 'openid orders:read billing:read',
    parameters: { scope: 'openid orders:read billing:read', resource: [ORDERS, BILLING] },
    reason: 'full',
    stale: false,
    revision: 'orders+billing',
  });
});

test('each migration is at its own position', () => {
  const { selector, orders } = twoMigrations();
  orders.percent = 100;
  const selection = selector.select({ key: 'alice' });
  expect(selection).toMatchObject({ side: 'legacy', reason: 'disabled' });
  expect(selection.parameters).toEqual({ scope: 'openid orders:read profile', resource: ORDERS });
  expect(selection.parts).toMatchObject({ orders: { side: 'target' }, billing: { side: 'legacy' } });
});

test('each migration keeps the buckets of its own salt', () => {
  const { selector, orders, billing } = twoMigrations();
  orders.percent = 30;
  billing.percent = 60;
  for (let index = 0; index < 500; index += 1) {
    const key = `user-${index}`;
    const { parts } = selector.select({ key });
    expect(parts?.['orders']?.side).toBe(bucketOf('orders', key) < 3000 ? 'target' : 'legacy');
    expect(parts?.['billing']?.side).toBe(bucketOf('billing', key) < 6000 ? 'target' : 'legacy');
  }
});

test('a combination of one is that selector', () => {
  const one = migration('orders', { percent: 0, stale: false });
  expect(combineSelectors([one])).toBe(one);
});

test('combinations can be combined', () => {
  const full: Switch = { percent: 100, stale: false };
  const inner = combineSelectors([migration('a', full), migration('b', full)]);
  const outer = combineSelectors([inner, migration('c', full)]);
  const selection = outer.select({ key: 'alice' });
  expect(selection.parameters.scope).toBe('openid a:read b:read c:read');
  expect(Object.keys(selection.parts ?? {})).toEqual(['a', 'b', 'c']);
  expect(selection.revision).toBe('a+b+c');
  expect(Object.keys(outer.selectForRefresh({}).parts ?? {})).toEqual(['a', 'b', 'c']);
});

test('a side, or the side of each migration, can be forced', () => {
  const { selector } = twoMigrations();
  expect(selector.select({ side: 'target' })).toMatchObject({ side: 'target', reason: 'forced' });
  const one = selector.select({ sides: { billing: 'target' } });
  expect(one.parameters.resource).toBe(BILLING);
  expect(one.parts).toMatchObject({ orders: { reason: 'disabled' }, billing: { reason: 'forced' } });
});

test('a session refreshes each migration on the side of its own login', () => {
  const { selector, orders } = twoMigrations();
  orders.percent = 100;
  const session = { key: 'alice', side: 'legacy', sides: { orders: 'target', billing: 'legacy' } } as const;
  const refresh = selector.selectForRefresh(session);
  expect(refresh).toMatchObject({ action: 'refresh', side: 'legacy' });
  expect(refresh.parameters).toEqual({ scope: 'openid orders:read profile', resource: ORDERS });
});

test('a migration that joined after the login is on legacy', () => {
  const { selector } = twoMigrations();
  const { parts } = selector.selectForRefresh({ side: 'target', sides: { orders: 'target' } });
  expect(parts).toMatchObject({ orders: { side: 'target' }, billing: { side: 'legacy' } });
});

test('one migration moves on refresh while the other stays', () => {
  const { selector, billing } = twoMigrations('retarget');
  billing.percent = 100;
  const session = { key: 'alice', sides: { orders: 'legacy', billing: 'legacy' } } as const;
  expect(selector.selectForRefresh(session)).toMatchObject({
    action: 'retarget',
    side: 'legacy',
    reason: 'full',
    parameters: { scope: 'openid profile billing:read', resource: BILLING },
  });
  billing.stale = true;
  expect(selector.selectForRefresh(session).action).toBe('refresh');
});

test('a login is required if one migration requires it', () => {
  const { selector, orders } = twoMigrations('reauthenticate');
  orders.percent = 100;
  expect(selector.selectForRefresh({ key: 'alice' })).toMatchObject({ action: 'reauthenticate', reason: 'full' });
});

test('a migration that cannot be read leaves the others where they are', () => {
  const broken = migration('broken', { percent: 0, stale: false }, { issuance: () => JSON.parse('no switch') });
  const selector = combineSelectors([migration('orders', { percent: 100, stale: false }), broken]);
  expect(selector.select({ key: 'alice' })).toMatchObject({
    side: 'legacy',
    reason: 'default',
    stale: true,
    revision: 'orders+unknown',
    parameters: { scope: 'openid orders:read profile', resource: ORDERS },
  });
});

test('no argument of a caller makes a combination throw', () => {
  const { selector, orders } = twoMigrations('retarget');
  orders.percent = 50;
  fc.assert(
    fc.property(
      fc.oneof(
        fc.anything(),
        fc.record({ key: fc.anything(), clientId: fc.anything(), side: fc.anything(), sides: fc.anything() }),
      ),
      (junk) => {
        const { reason } = selector.select(junk as Parameters<Selector['select']>[0]);
        expect(SELECTION_REASONS).toContain(reason);
        expect(selector.selectForRefresh(junk as Parameters<Selector['selectForRefresh']>[0]).parameters).toBeDefined();
      },
    ),
  );
});
