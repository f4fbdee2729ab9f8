import { expect, test } from 'vitest';
import { describeMoment } from '../src/moment.ts';

const NOON = Date.parse('2026-03-01T12:00:00.250Z');

test.each([
  [NOON, '2026-03-01T12:00:00Z (0ms ago)'],
  [NOON + 10_920_000, '2026-03-01T15:02:00Z (in 3h 2m)'],
  [NOON - 5000, '2026-03-01T11:59:55Z (5s ago)'],
])('a time is told with its distance', (timeMs, text) => {
  expect(describeMoment(timeMs, NOON)).toBe(text);
});
