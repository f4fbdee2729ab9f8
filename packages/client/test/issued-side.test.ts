import { expect, test } from 'vitest';
import { issuedSide } from '../src/issued-side.ts';
import { issuanceFixture } from './issuance-fixture.ts';
import { LEGACY_SIDE, TARGET_SIDE } from './provider-fixture.ts';

const bare = issuanceFixture({ legacy: { scope: 'openid' }, target: { scope: 'openid orders:read' } }).selector;
const marked = issuanceFixture({ legacy: { scope: 'openid old' }, target: { scope: 'openid orders:read' } }).selector;

test.each([
  ['target', 'openid orders:read', 'target'],
  ['target', 'openid', 'legacy'],
  ['legacy', 'openid', 'legacy'],
  ['legacy', 'openid orders:read', 'target'],
  ['target', undefined, 'target'],
] as const)('asked for %s and granted %s, the token is of %s', (asked, granted, side) => {
  expect(issuedSide(asked, granted, bare)).toBe(side);
});

test('if both sides have scopes of their own, only a granted scope of the other side proves that side', () => {
  expect(issuedSide('target', 'openid old', marked)).toBe('legacy');
  expect(issuedSide('legacy', 'openid orders:read', marked)).toBe('target');
  expect(issuedSide('target', 'openid', marked)).toBe('target');
  expect(issuedSide('target', 'old orders:read', marked)).toBe('target');
});

test('if a resource chooses the audience, the scope proves nothing', () => {
  const { selector } = issuanceFixture({ legacy: LEGACY_SIDE, target: TARGET_SIDE });
  expect(issuedSide('target', 'profile:read', selector)).toBe('target');
  expect(issuedSide('legacy', 'orders:read', selector)).toBe('legacy');
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
  expect(issuedSide(asked, granted, auth0)).toBe(side);
});

test('if an audience parameter chooses, a missing scope proves nothing', () => {
  const { selector } = issuanceFixture({
    dialect: 'auth0',
    legacy: { scope: 'openid', audience: 'default-api' },
    target: { scope: 'openid orders:read', audience: 'https://api.example.com/orders' },
  });
  expect(issuedSide('target', 'openid', selector)).toBe('target');
});
