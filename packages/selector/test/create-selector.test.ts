import { type Issuance, SELECTION_REASONS } from '@crossfade/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSelector } from '../src/create-selector.ts';
import { bucketOf } from '../src/index.ts';
import type { CommonSelectorOptions, Selector } from '../src/selector.ts';

const SALT = 'orders-2026';
const legacy = { scope: 'openid profile' };
const target = { scope: 'openid orders:read', resource: 'https://api.example.com/orders' };

type Position = Partial<Issuance> & { readonly stale?: boolean };

function selectorAt(position: Position, options: Partial<CommonSelectorOptions> = {}): Selector {
  const full = { enabled: true, percent: 0, revision: '7', sinceMs: null, ...position };
  return createSelector({ legacy, target, salt: SALT, issuance: () => full, ...options });
}

const keys = Array.from({ length: 2000 }, (_, index) => `user-${index}`);
const low = keys.find((key) => bucketOf(SALT, key) < 1000) ?? '';
const high = keys.find((key) => bucketOf(SALT, key) >= 9000) ?? '';

test('a selection names the side, its parameters, and why', () => {
  expect(selectorAt({ percent: 25 }).select({ key: low })).toEqual({
    side: 'target',
    scope: 'openid orders:read',
    parameters: { scope: 'openid orders:read', resource: 'https://api.example.com/orders' },
    reason: 'split',
    stale: false,
    revision: '7',
  });
  expect(selectorAt({ percent: 25 }).select({ key: high })).toMatchObject({
    side: 'legacy',
    parameters: { scope: 'openid profile' },
    reason: 'split',
  });
});

const POSITIONS: [string, Position, string | undefined, string, string][] = [
  ['off', { enabled: false }, low, 'legacy', 'disabled'],
  ['off, whatever its percentage', { enabled: false, percent: 100 }, low, 'legacy', 'disabled'],
  ['on at 0 %', { percent: 0 }, low, 'legacy', 'disabled'],
  ['off, without a key', { enabled: false }, undefined, 'legacy', 'disabled'],
  ['at 100 %', { percent: 100 }, high, 'target', 'full'],
  ['at 100 %, without a key', { percent: 100 }, undefined, 'target', 'full'],
  ['between, without a key', { percent: 99.99 }, undefined, 'legacy', 'no_key'],
  ['between, with an empty key', { percent: 99.99 }, '', 'legacy', 'no_key'],
  ['between, below the percentage', { percent: 10 }, low, 'target', 'split'],
  ['between, above it', { percent: 10 }, high, 'legacy', 'split'],
  ['old, and off', { enabled: false, stale: true }, low, 'legacy', 'stale'],
  ['old, and at 100 %', { percent: 100, stale: true }, high, 'target', 'stale'],
  ['old, and between', { percent: 10, stale: true }, low, 'target', 'stale'],
  ['old, and between, without a key', { percent: 10, stale: true }, undefined, 'legacy', 'no_key'],
  ['one that no store ever confirmed', { enabled: false, revision: null, stale: true }, low, 'legacy', 'default'],
  ['no number', { percent: Number.NaN }, low, 'legacy', 'default'],
];

test.each(POSITIONS)('a switch that is %s', (_, position, key, side, reason) => {
  const selection = selectorAt(position).select({ key });
  expect(selection).toMatchObject({ side, reason });
  expect(selection.stale).toBe(position.stale === true || reason === 'default');
});

test('every reason except forced comes from a position of the switch', () => {
  expect(new Set([...POSITIONS.map(([, , , , reason]) => reason), 'forced'])).toEqual(new Set(SELECTION_REASONS));
});

test.each([
  [
    'throws',
    () => {
      throw new Error('down');
    },
  ],
  ['gives nothing', () => undefined],
  ['is asynchronous', async () => ({ enabled: true, percent: 100 })],
  ['speaks in text', () => ({ enabled: 'yes', percent: '100' })],
])('a switch that %s leaves logins on legacy', (_, broken) => {
  const selector = selectorAt({}, { issuance: broken as unknown as CommonSelectorOptions['issuance'] });
  expect(selector.select({ key: low })).toMatchObject({
    side: 'legacy',
    reason: 'default',
    stale: true,
    revision: null,
  });
});

test('a forced side takes precedence over the switch, and that of the request over that of the client', () => {
  const selector = selectorAt({ percent: 100, stale: true }, { forced: { canary: 'target', kiosk: 'legacy' } });
  expect(selector.select({ key: low, clientId: 'kiosk' })).toMatchObject({
    side: 'legacy',
    reason: 'forced',
    stale: false,
  });
  expect(selector.select({ clientId: 'kiosk', side: 'target' })).toMatchObject({ side: 'target', reason: 'forced' });
  expect(selector.select({ key: low, clientId: 'web-app' })).toMatchObject({ side: 'target', reason: 'stale' });
});

test('a client id never matches an inherited property', () => {
  const selector = selectorAt({ percent: 100 }, { forced: {} });
  for (const clientId of ['constructor', '__proto__', 'toString']) {
    expect(selector.select({ key: low, clientId })).toMatchObject({ side: 'target', reason: 'full' });
  }
});

test('no argument of a caller makes a selection throw', () => {
  const selector = selectorAt({ percent: 50 }, { refresh: 'retarget' });
  fc.assert(
    fc.property(
      fc.oneof(fc.anything(), fc.record({ key: fc.anything(), clientId: fc.anything(), side: fc.anything() })),
      (junk) => {
        const selection = selector.select(junk as Parameters<Selector['select']>[0]);
        expect(SELECTION_REASONS).toContain(selection.reason);
        expect(selector.selectForRefresh(junk as Parameters<Selector['selectForRefresh']>[0]).parameters).toBeDefined();
      },
    ),
  );
});

const anyKey = fc.string({ unit: 'binary', minLength: 1 });
const percent = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100);

test('raising the percentage never moves a key back to legacy', () => {
  fc.assert(
    fc.property(anyKey, percent, percent, (key, one, other) => {
      const sideAt = (value: number) => selectorAt({ percent: value }).select({ key }).side;
      if (sideAt(Math.min(one, other)) === 'target') expect(sideAt(Math.max(one, other))).toBe('target');
    }),
  );
});

test('a key keeps its side across selectors, logins and clients', () => {
  fc.assert(
    fc.property(anyKey, percent, fc.string(), (key, value, clientId) => {
      const sides = [{ key }, { key, clientId }, { key }].map(
        (request) => selectorAt({ percent: value }).select(request).side,
      );
      expect(new Set(sides).size).toBe(1);
    }),
  );
});

test('one hundredth of a percent is exactly the keys of the first bucket', () => {
  const selector = selectorAt({ percent: 0.01 });
  const many = Array.from({ length: 50_000 }, (_, user) => `user-${user}`);
  const targets = many.filter((key) => selector.select({ key }).side === 'target');
  expect(targets).toEqual(many.filter((key) => bucketOf(SALT, key) === 0));
  expect(targets.length).toBeGreaterThan(0);
});

// The bound assumes a normal distribution, which fits if hundreds of keys are expected on either side.
test.each([1, 12.34, 50, 99])('at %d percent that share of keys gets the target side', (value) => {
  const selector = selectorAt({ percent: value });
  const count = 50_000;
  let targets = 0;
  for (let user = 0; user < count; user += 1)
    if (selector.select({ key: `user-${user}` }).side === 'target') targets += 1;
  const share = value / 100;
  const deviation = Math.sqrt(count * share * (1 - share));
  expect(Math.abs(targets - count * share)).toBeLessThan(4 * deviation);
});

test('a session on the selected side is refreshed with its parameters', () => {
  expect(selectorAt({ percent: 100 }, { refresh: 'retarget' }).selectForRefresh({ side: 'target', key: low })).toEqual({
    action: 'refresh',
    side: 'target',
    parameters: target,
    reason: 'full',
  });
});

test.each([
  ['keep', { action: 'refresh', side: 'legacy', parameters: legacy }],
  ['retarget', { action: 'retarget', side: 'target', parameters: target }],
  ['reauthenticate', { action: 'reauthenticate', side: 'target', parameters: target }],
] as const)('a session on the other side follows what the provider can do: %s', (refresh, expected) => {
  expect(selectorAt({ percent: 100 }, { refresh }).selectForRefresh({ side: 'legacy', key: low })).toEqual({
    ...expected,
    reason: 'full',
  });
});

test('a rollback moves sessions back if the provider can retarget', () => {
  const selector = selectorAt({ enabled: false }, { refresh: 'retarget' });
  expect(selector.selectForRefresh({ side: 'target', key: low })).toMatchObject({ action: 'retarget', side: 'legacy' });
});

test('a session from before the migration is a legacy session', () => {
  const selector = selectorAt({ percent: 100 }, { refresh: 'retarget' });
  expect(selector.selectForRefresh({ key: low })).toMatchObject({ action: 'retarget', side: 'target' });
  expect(selectorAt({ percent: 100 }).selectForRefresh({})).toMatchObject({ action: 'refresh', side: 'legacy' });
});

test.each<[string, Position, string | undefined]>([
  ['old', { enabled: false, stale: true }, low],
  ['unknown', { enabled: false, stale: true, revision: null }, low],
  ['good, but the session has no key', { percent: 50 }, undefined],
])('a session never changes sides on a position that is %s', (_, position, key) => {
  for (const refresh of ['retarget', 'reauthenticate'] as const) {
    const selector = selectorAt(position, { refresh });
    expect(selector.selectForRefresh({ side: 'target', key })).toMatchObject({ action: 'refresh', side: 'target' });
  }
});

test('a forced session keeps its side, and a forced client moves', () => {
  const selector = selectorAt({ percent: 0, stale: true }, { refresh: 'retarget', forced: { canary: 'target' } });
  expect(selector.selectForRefresh({ side: 'target', key: low, forced: 'target' })).toMatchObject({
    action: 'refresh',
  });
  expect(selector.selectForRefresh({ side: 'legacy', key: low, clientId: 'canary' })).toMatchObject({
    action: 'retarget',
  });
});

test('a caller cannot change what selections share', () => {
  const { parameters } = selectorAt({ percent: 100 }).select({ key: low });
  expect(Object.isFrozen(parameters)).toBe(true);
});

test('a forced login reads no switch at all', () => {
  let reads = 0;
  const issuance = () => {
    reads += 1;
    throw new Error('down');
  };
  const selector = selectorAt({}, { issuance, forced: { canary: 'target' } });
  expect(selector.select({ side: 'target' })).toMatchObject({ side: 'target', reason: 'forced' });
  expect(selector.select({ clientId: 'canary' })).toMatchObject({ side: 'target', reason: 'forced' });
  expect(reads).toBe(0);
});

test('an invalid side in a request forces nothing', () => {
  const selector = selectorAt({ percent: 100 });
  for (const side of ['both', '', 'Target', 1, null]) {
    const request = { key: low, side } as unknown as Parameters<Selector['select']>[0];
    expect(selector.select(request)).toMatchObject({ side: 'target', reason: 'full' });
  }
});

test('the switch is read at every selection', () => {
  let enabled = false;
  const selector = selectorAt({}, { issuance: () => ({ enabled, percent: 100, revision: null, sinceMs: null }) });
  expect(selector.select({ key: low }).side).toBe('legacy');
  enabled = true;
  expect(selector.select({ key: low }).side).toBe('target');
});

test('every parameter follows the dialect, in logins and in refreshes', () => {
  const selector = createSelector({
    legacy: { scope: 'openid', resource: 'api://legacy' },
    target: { scope: 'openid offline_access read', resource: 'api://orders' },
    salt: SALT,
    dialect: 'entra',
    refresh: 'retarget',
    issuance: () => ({ enabled: true, percent: 100, revision: '7', sinceMs: null }),
  });
  const scope = 'openid offline_access api://orders/read';
  expect(selector.dialect).toBe('entra');
  expect(selector.select({ key: low })).toMatchObject({ scope, parameters: { scope } });
  expect(selector.select({ side: 'legacy' }).parameters).toEqual({ scope: 'openid api://legacy/.default' });
  expect(selector.selectForRefresh({ side: 'legacy', key: low })).toMatchObject({
    action: 'retarget',
    parameters: { scope },
  });
});

test('Auth0 gets an audience, in logins and in refreshes', () => {
  const selector = createSelector({
    legacy: { scope: 'openid', audience: 'default-api' },
    target: { scope: 'openid orders:read', audience: 'https://api.example.com/orders' },
    salt: SALT,
    dialect: 'auth0',
    refresh: 'retarget',
    issuance: () => ({ enabled: true, percent: 100, revision: '7', sinceMs: null }),
  });
  const parameters = { scope: 'openid orders:read', audience: 'https://api.example.com/orders' };
  expect(selector.select({ key: low }).parameters).toEqual(parameters);
  expect(selector.selectForRefresh({ side: 'legacy', key: low }).parameters).toEqual(parameters);
});
