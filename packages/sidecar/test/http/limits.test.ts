import { expect, test } from 'vitest';
import { readLimits } from '../../src/http/limits.ts';

const SETTINGS = { service: 's', mode: 'proxy', judge: 'observe', listen: '', admin: '' } as const;

test('the defaults are the limits that the README lists', () => {
  expect(readLimits(SETTINGS)).toEqual({
    maxConnections: 10_000,
    headerTimeoutMs: 30_000,
    stallTimeoutMs: 60_000,
    responseTimeoutMs: 300_000,
    idleTimeoutMs: 75_000,
    drainDelayMs: 0,
    drainTimeoutMs: 25_000,
  });
});

test('a limit in the plan overrides the default, even if it is 0', () => {
  const said = {
    maxConnections: 1,
    headerTimeoutMs: 2,
    stallTimeoutMs: 3,
    responseTimeoutMs: 5,
    idleTimeoutMs: 6,
    drainDelayMs: 4,
    drainTimeoutMs: 0,
  };
  expect(readLimits({ ...SETTINGS, ...said })).toEqual(said);
});
