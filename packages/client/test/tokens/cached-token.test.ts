import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cachedToken, renewalTime } from '../../src/tokens/cached-token.ts';

test('a token is renewed between 60 % and 80 % of its lifetime', () => {
  expect([0, 1].map((jitter) => renewalTime(1_000_000, 4_600_000, jitter))).toEqual([3_160_000, 3_880_000]);
  expect([0, 1].map((jitter) => renewalTime(1_000_000, 1_010_000, jitter))).toEqual([1_006_000, 1_008_000]);
});

test('a token of some minutes is renewed at least one minute before it expires', () => {
  expect([0, 1].map((jitter) => renewalTime(0, 240_000, jitter))).toEqual([144_000, 180_000]);
});

test('whatever the lifetime, a renewal is spread, early and never before half of it', () => {
  const lifetimes = fc.integer({ min: 1, max: 86_400_000 });
  fc.assert(
    fc.property(lifetimes, fc.double({ min: 0, max: 1, noNaN: true }), (lifetimeMs, jitter) => {
      const share = renewalTime(0, lifetimeMs, jitter) / lifetimeMs;
      expect(share).toBeGreaterThanOrEqual(0.599);
      expect(share).toBeLessThanOrEqual(0.801);
      expect(renewalTime(0, lifetimeMs, 1)).toBeGreaterThan(renewalTime(0, lifetimeMs, 0));
      if (lifetimeMs >= 200_000) expect(lifetimeMs - renewalTime(0, lifetimeMs, jitter)).toBeGreaterThanOrEqual(60_000);
    }),
  );
});

test('a token that is already expired is renewed at once', () => {
  const token = { accessToken: 't', expiresAt: 1000, scope: undefined };
  expect(cachedToken(token, 1_000_000, 0.5)).toEqual({
    accessToken: 't',
    renewAtMs: 1_000_000,
    expiresAtMs: 1_000_000,
  });
});
