import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTokenBucket } from '../../src/http/token-bucket.ts';

test('starts with a burst, and gets one fetch back at a time', () => {
  let nowMs = 0;
  const budget = createTokenBucket({ burst: 2, refillMs: 1000, now: () => nowMs });

  expect([budget.take(), budget.take(), budget.take()]).toEqual([true, true, false]);
  nowMs = 999;
  expect(budget.take()).toBe(false);
  nowMs = 1000;
  expect([budget.take(), budget.take()]).toEqual([true, false]);
});

test('saves up no more than a burst', () => {
  let nowMs = 0;
  const budget = createTokenBucket({ burst: 2, refillMs: 1000, now: () => nowMs });
  nowMs = 1_000_000;

  expect([budget.take(), budget.take(), budget.take()]).toEqual([true, true, false]);
});

test('a clock that steps back neither gives nor takes', () => {
  let nowMs = 10_000;
  const budget = createTokenBucket({ burst: 1, refillMs: 1000, now: () => nowMs });
  budget.take();
  nowMs = 0;
  expect(budget.take()).toBe(false);
  nowMs = 1000;
  expect(budget.take()).toBe(true);
});

test('never allows more than the burst and what time gave back', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 200 }), (stepsMs) => {
      let nowMs = 0;
      const budget = createTokenBucket({ burst: 3, refillMs: 1000, now: () => nowMs });
      let taken = 0;
      for (const stepMs of stepsMs) {
        nowMs += stepMs;
        if (budget.take()) taken += 1;
      }
      expect(taken).toBeLessThanOrEqual(3 + nowMs / 1000);
    }),
  );
});
