import { describe, expect, it } from 'vitest';
import { describeMoment, formatInstant } from '../../src/vocabulary/instant.ts';

const NOON = Date.parse('2026-03-01T12:00:00.250Z');

describe('formatInstant', () => {
  it.each([
    [null, null],
    [0, '1970-01-01T00:00:00.000Z'],
    [NOON, '2026-03-01T12:00:00.250Z'],
    [1e300, '+275760-09-13T00:00:00.000Z'],
    [Number.NEGATIVE_INFINITY, '-271821-04-20T00:00:00.000Z'],
  ])('formats %s as %s', (timeMs, text) => {
    expect(formatInstant(timeMs)).toBe(text);
  });
});

describe('describeMoment', () => {
  it.each([
    [NOON, '2026-03-01T12:00:00Z (0ms ago)'],
    [NOON + 10_920_000, '2026-03-01T15:02:00Z (in 3h 2m)'],
    [NOON - 5000, '2026-03-01T11:59:55Z (5s ago)'],
  ])('says how far %s is from now', (timeMs, text) => {
    expect(describeMoment(timeMs, NOON)).toBe(text);
  });
});
