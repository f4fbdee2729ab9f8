import { expect, test } from 'vitest';
import { DURATION_BOUNDS_SECONDS } from '../../src/collector.ts';
import { createDurations } from '../../src/meter/durations.ts';

test('counts durations in cumulative buckets', () => {
  const durations = createDurations();
  for (const seconds of [0.000_005, 0.000_01, 0.002, 7]) durations.observe(seconds);
  const { buckets, sumSeconds, count } = durations.histogram();
  expect(Object.fromEntries(DURATION_BOUNDS_SECONDS.map((bound, index) => [bound, buckets[index]]))).toMatchObject({
    0.00001: 2,
    0.001: 2,
    0.0025: 3,
    5: 3,
  });
  expect(count).toBe(4);
  expect(sumSeconds).toBeCloseTo(7.002_015);
});
