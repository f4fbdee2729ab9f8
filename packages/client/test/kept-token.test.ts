import { expect, test } from 'vitest';
import { keptToken, spared } from '../src/kept-token.ts';

const minted = (lifetimeSeconds: number) => ({ accessToken: 't', expiresAt: 1000 + lifetimeSeconds, scope: undefined });

test('a long-lived token is renewed a minute before it expires', () => {
  expect(keptToken(minted(3600), 1_000_000)).toEqual({
    accessToken: 't',
    renewAtMs: 4_540_000,
    expiresAtMs: 4_600_000,
  });
});

test('a short-lived token is renewed in the last fifth of its life', () => {
  expect(keptToken(minted(10), 1_000_000).renewAtMs).toBe(1_008_000);
});

test('a token that is already expired is renewed at once', () => {
  expect(keptToken(minted(0), 1_000_000).renewAtMs).toBe(1_000_000);
});

test('a spared token waits, but not past its expiry', () => {
  const token = keptToken(minted(300), 1_000_000);
  expect(spared(token, 1_250_000, 5).renewAtMs).toBe(1_255_000);
  expect(spared(token, 1_299_000, 5).renewAtMs).toBe(token.expiresAtMs);
});
