import { expect, it } from 'vitest';
import { legacySunset } from '../../src/plan/legacy-sunset.ts';

const DAY_MS = 86_400_000;
const sunsetMs = Date.parse('2027-01-31T00:00:00Z');
const plan = {
  legacy: { tokenLifetimeMs: 3_600_000, sessionLifetimeMs: 30 * DAY_MS },
  gate: { silenceMs: DAY_MS },
};

it('deprecates legacy from when the last session has to move for the drain to end by the sunset', () => {
  expect(legacySunset({ ...plan, sunsetMs })).toEqual({
    deprecatedMs: Date.parse('2026-12-30T23:00:00Z'),
    sunsetMs,
  });
});

it('announces nothing without a sunset, and nothing while the legacy side is to be found', () => {
  expect(legacySunset(plan)).toBeUndefined();
  expect(legacySunset({ ...plan, legacy: undefined, sunsetMs })).toBeUndefined();
});
