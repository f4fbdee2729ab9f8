import { expect, it } from 'vitest';
import { instant } from '../../src/status/instant-schema.ts';
import { formatInstant } from '../../src/vocabulary/instant.ts';

it.each([0, Date.parse('2026-03-01T12:00:00.250Z'), 1e300, -1e300])('reads %s back as it was written', (timeMs) => {
  expect(formatInstant(instant.parse(formatInstant(timeMs)))).toBe(formatInstant(timeMs));
});

it.each([
  ['2026-03-01T12:00:00Z', 1_772_366_400_000],
  ['2026-03-01T13:00:00+01:00', 1_772_366_400_000],
  ['2026-03-01T12:00Z', 1_772_366_400_000],
])('reads %s as %s', (text, timeMs) => {
  expect(instant.parse(text)).toBe(timeMs);
});

it.each(['', 'yesterday', '2026-03-01', '2026-03-01T12:00:00', '2026-13-01T12:00:00Z', 5])('refuses %j', (value) => {
  expect(instant.safeParse(value).success).toBe(false);
});
