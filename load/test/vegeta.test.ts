import { expect, test } from 'vitest';
import { latenciesUs, percentile } from '../bench/vegeta.ts';

const START_MS = 1_795_743_736_623;
const hit = (sequence: number, sentMs: number, tookMs: number) => ({
  sequence,
  sentMs: START_MS + sentMs,
  status: 200,
  tookMs,
});

test('a request that is sent late counts from when it was due', () => {
  // 100 a second: the third request, due after 20 ms, had to wait until 50 ms.
  const latencies = latenciesUs([hit(0, 0, 1), hit(1, 10, 2), hit(2, 50, 5)], 100);
  expect(latencies.map(Math.round)).toEqual([1_000, 2_000, 35_000]);
});

test('a first request that is late does not excuse the others', () => {
  const latencies = latenciesUs([hit(0, 7, 1), hit(1, 10, 1), hit(2, 20, 1)], 100);
  expect(latencies.map(Math.round)).toEqual([1_000, 1_000, 8_000]);
});

test('requests that a client sends out of order keep the time at which each was due', () => {
  const latencies = latenciesUs([hit(1, 10, 1), hit(0, 0, 1)], 100);
  expect(latencies.map(Math.round)).toEqual([1_000, 1_000]);
});

test.each([
  [0.5, 50],
  [0.99, 99],
  [0.999, 100],
  [1, 100],
  [0, 1],
])('a share of %s of 100 values is at most the value %s', (share, value) => {
  const values = Array.from({ length: 100 }, (_, index) => index + 1);
  expect(percentile(values, share)).toBe(value);
});
