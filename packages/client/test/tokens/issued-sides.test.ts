import type { MintedSide, Side } from '@crossfade/core';
import { combineSelectors, createSelector, type Selector } from '@crossfade/selector';
import { expect, test } from 'vitest';
import { issuedSides } from '../../src/tokens/issued-sides.ts';
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
  expect(sideOf('target', 'openid', marked)).toBe('target');
  expect(sideOf('target', 'old orders:read', marked)).toBe('target');
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
  ['target', 'openid', 'target'],
  ['legacy', 'openid orders:read', 'target'],
  ['legacy', 'openid', 'legacy'],
] as const)('where an audience chooses: asked for %s and granted %s, the token is of %s', (asked, granted, side) => {
  expect(sideOf(asked, granted, auth0)).toBe(side);
});

test('if an audience parameter chooses, a missing scope proves nothing', () => {
  const { selector } = issuanceFixture({
    dialect: 'auth0',
    legacy: { scope: 'openid', audience: 'default-api' },
    target: { scope: 'openid orders:read', audience: 'https://api.example.com/orders' },
  });
  expect(sideOf('target', 'openid', selector)).toBe('target');
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
