import { UnavailableError } from '@crossfade/core';
import { expect, test } from 'vitest';
import { retryWaitMs } from '../../src/tokens/retry-wait.ts';

const refusal = new Error('refused');

test('the wait doubles from 5 s to a minute', () => {
  expect([1, 2, 3, 4, 5, 99].map((failures) => retryWaitMs(refusal, failures, 0))).toEqual([
    5000, 10_000, 20_000, 40_000, 60_000, 60_000,
  ]);
});

test('a longer wait that the provider asked for is kept', () => {
  const asked = new UnavailableError('busy', { retryAfterSeconds: 90 });
  expect(retryWaitMs(asked, 1, 0)).toBe(90_000);
  expect(retryWaitMs(new UnavailableError('busy', { retryAfterSeconds: 1 }), 1, 0)).toBe(5000);
});

test('jitter only lengthens a wait, by a quarter at most', () => {
  expect(retryWaitMs(refusal, 1, 1)).toBe(6250);
});
