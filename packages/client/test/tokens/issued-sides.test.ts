import type { MintedSide, Side } from '@crossfade/core';
import { combineSelectors, createSelector, type Selector } from '@crossfade/selector';
import { expect, test } from 'vitest';
import { isProvenOther, issuedSides } from '../../src/tokens/issued-sides.ts';
import { issuanceFixture } from '../fixture/issuance-fixture.ts';
import { LEGACY_SIDE, TARGET_SIDE } from '../fixture/provider-fixture.ts';

function sideOf(asked: Side, granted: string | undefined, selector: Selector): MintedSide {
  return issuedSides({ side: asked }, granted, selector).side;
}

const bare = issuanceFixture({ legacy: { scope: 'openid' }, target: { scope: 'openid orders:read' } }).selector;
const marked = issuanceFixture({ legacy: { scope: 'openid old' }, target: { scope: 'openid orders:read' } }).selector;

test.each([
  ['target', 'openid orders:read', 'target'],
  ['target', 'openid', 'legacy'],
  ['legacy', 'openid', 'legacy'],
  ['legacy', 'openid orders:read', 'target'],
  ['target', undefined, 'target'],
] as const)('asked for %s and granted %s, the token is of %s', (asked, granted, side) => {
  expect(sideOf(asked, granted, bare)).toBe(side);
});

test('if both sides have scopes of their own, only a granted scope of the other side proves that side', () => {
  expect(sideOf('target', 'openid old', marked)).toBe('legacy');
  expect(sideOf('legacy', 'openid orders:read', marked)).toBe('target');
  expect(sideOf('target', 'old orders:read', marked)).toBe('target');
});

test('if both sides have scopes of their own, a response with neither is not called target', () => {
  expect(sideOf('target', 'openid', marked)).toBe('unknown');
  expect(sideOf('legacy', 'openid', marked)).toBe('legacy');
});

const byResource = issuanceFixture({ legacy: LEGACY_SIDE, target: TARGET_SIDE }).selector;

test.each([
  ['target', 'openid orders:read', 'target'],
  ['target', 'profile:read', 'legacy'],
  ['legacy', 'orders:read', 'target'],
  ['target', 'profile:read orders:read', 'unknown'],
  ['target', 'openid', 'unknown'],
  ['target', undefined, 'unknown'],
] as const)('where a resource chooses: asked for %s and granted %s, the token is of %s', (asked, granted, side) => {
  expect(sideOf(asked, granted, byResource)).toBe(side);
});

const auth0 = issuanceFixture({
  dialect: 'auth0',
  legacy: { scope: 'openid old', audience: 'default-api' },
  target: { scope: 'openid orders:read', audience: 'https://api.example.com/orders' },
}).selector;

test.each([
  ['target', 'openid old', 'legacy'],
  ['target', 'openid orders:read', 'target'],
  ['target', 'openid', 'unknown'],
  ['target', 'openid old orders:read', 'unknown'],
  ['target', undefined, 'target'],
  ['legacy', 'openid orders:read', 'target'],
  ['legacy', 'openid', 'unknown'],
] as const)('where an audience chooses: asked for %s and granted %s, the token is of %s', (asked, granted, side) => {
  expect(sideOf(asked, granted, auth0)).toBe(side);
});

const auth0Bare = issuanceFixture({
  dialect: 'auth0',
  legacy: { scope: 'openid', audience: 'default-api' },
  target: { scope: 'openid orders:read', audience: 'https://api.example.com/orders' },
}).selector;

test('where an audience chooses, a scope that a user without permissions gets, too, proves nothing', () => {
  expect(sideOf('target', 'openid', auth0Bare)).toBe('unknown');
  expect(sideOf('legacy', 'openid', auth0Bare)).toBe('legacy');
});

const bareResource = issuanceFixture({
  legacy: { scope: 'openid profile' },
  target: { scope: 'openid profile orders:read', resource: 'https://api.example.com/orders' },
}).selector;

test('where a resource chooses, the very scope of the other side shows that side', () => {
  expect(sideOf('target', 'profile openid', bareResource)).toBe('legacy');
  expect(sideOf('target', 'openid', bareResource)).toBe('unknown');
  expect(sideOf('legacy', 'openid profile', bareResource)).toBe('unknown');
});

test('a response proves the other side only if it shows one, of any migration', () => {
  expect(isProvenOther({ side: 'target' }, { side: 'legacy' })).toBe(true);
  expect(isProvenOther({ side: 'target' }, { side: 'unknown' })).toBe(false);
  expect(isProvenOther({ side: 'legacy' }, { side: 'legacy' })).toBe(false);
  const asked = { side: 'legacy', sides: { orders: 'target', billing: 'legacy' } } as const;
  expect(isProvenOther(asked, { side: 'legacy', sides: { orders: 'legacy', billing: 'legacy' } })).toBe(true);
  expect(isProvenOther(asked, { side: 'legacy', sides: { orders: 'unknown', billing: 'legacy' } })).toBe(false);
});

test('with combined selectors each migration is told by its own scope values', () => {
  const issuance = () => ({ enabled: true, percent: 100, revision: '1', sinceMs: null });
  const legacy = { scope: 'openid' };
  const selector = combineSelectors([
    createSelector({ legacy, target: { scope: 'openid orders:read' }, salt: 'orders', issuance }),
    createSelector({ legacy, target: { scope: 'openid billing:read' }, salt: 'billing', issuance }),
  ]);
  const asked = { side: 'target', sides: { orders: 'target', billing: 'target' } } as const;
  expect(issuedSides(asked, 'openid orders:read', selector)).toEqual({
    side: 'legacy',
    sides: { orders: 'target', billing: 'legacy' },
  });
  expect(issuedSides(asked, 'openid orders:read billing:read', selector)).toEqual(asked);
  expect(issuedSides({ ...asked, sides: { ended: 'target' } }, 'openid', selector).sides).toEqual({ ended: 'target' });
});
