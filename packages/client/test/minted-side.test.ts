import { expect, test } from 'vitest';
import { mintedSide } from '../src/minted-side.ts';
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
  expect(mintedSide(asked, granted, bare)).toBe(side);
});

test('where both sides have a scope of their own, only a scope seen proves the other side', () => {
  expect(mintedSide('target', 'openid old', marked)).toBe('legacy');
  expect(mintedSide('legacy', 'openid orders:read', marked)).toBe('target');
  expect(mintedSide('target', 'openid', marked)).toBe('target');
  expect(mintedSide('target', 'old orders:read', marked)).toBe('target');
});

test('where a resource chooses the audience, the scope proves nothing', () => {
  const { selector } = issuanceFixture({ legacy: LEGACY_SIDE, target: TARGET_SIDE });
  expect(mintedSide('target', 'profile:read', selector)).toBe('target');
  expect(mintedSide('legacy', 'orders:read', selector)).toBe('legacy');
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
  expect(mintedSide(asked, granted, auth0)).toBe(side);
});

test('where an audience chooses, a scope that is missing proves nothing', () => {
  const { selector } = issuanceFixture({
    dialect: 'auth0',
    legacy: { scope: 'openid', audience: 'default-api' },
    target: { scope: 'openid orders:read', audience: 'https://api.example.com/orders' },
  });
  expect(mintedSide('target', 'openid', selector)).toBe('target');
});
