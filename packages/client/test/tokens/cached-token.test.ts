import { expect, test } from 'vitest';
import { cachedToken, extendRetry } from '../../src/tokens/cached-token.ts';

const minted = (lifetimeSeconds: number) => ({ accessToken: 't', expiresAt: 1000 + lifetimeSeconds, scope: undefined });

test('a long-lived token is renewed a minute before it expires', () => {
  expect(cachedToken(minted(3600), 1_000_000)).toEqual({
    accessToken: 't',
    renewAtMs: 4_540_000,
    expiresAtMs: 4_600_000,
  });
});

test('a short-lived token is renewed in the last fifth of its lifetime', () => {
  expect(cachedToken(minted(10), 1_000_000).renewAtMs).toBe(1_008_000);
});

test('a token that is already expired is renewed at once', () => {
  expect(cachedToken(minted(0), 1_000_000).renewAtMs).toBe(1_000_000);
});

test('extendRetry postpones the renewal, but not past the expiry', () => {
  const token = cachedToken(minted(300), 1_000_000);
  expect(extendRetry(token, 1_250_000, 5).renewAtMs).toBe(1_255_000);
  expect(extendRetry(token, 1_299_000, 5).renewAtMs).toBe(token.expiresAtMs);
});
