import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTokenBucket } from '../../src/http/token-bucket.ts';

test('starts with a burst, and refills one token at a time', () => {
  let nowMs = 0;
  const bucket = createTokenBucket({ burst: 2, refillMs: 1000, now: () => nowMs });

  expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, false]);
  nowMs = 999;
  expect(bucket.take()).toBe(false);
  nowMs = 1000;
  expect([bucket.take(), bucket.take()]).toEqual([true, false]);
});

test('never holds more than a burst', () => {
  let nowMs = 0;
  const bucket = createTokenBucket({ burst: 2, refillMs: 1000, now: () => nowMs });
  nowMs = 1_000_000;

  expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, false]);
});

test('neither gains nor loses tokens when the clock steps back', () => {
  let nowMs = 10_000;
  const bucket = createTokenBucket({ burst: 1, refillMs: 1000, now: () => nowMs });
  bucket.take();
  nowMs = 0;
  expect(bucket.take()).toBe(false);
  nowMs = 1000;
  expect(bucket.take()).toBe(true);
});

test('never allows more than the burst plus the refill', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 200 }), (stepsMs) => {
      let nowMs = 0;
      const bucket = createTokenBucket({ burst: 3, refillMs: 1000, now: () => nowMs });
      let taken = 0;
      for (const stepMs of stepsMs) {
        nowMs += stepMs;
        if (bucket.take()) taken += 1;
      }
      expect(taken).toBeLessThanOrEqual(3 + nowMs / 1000);
    }),
  );
});
