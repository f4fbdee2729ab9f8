import { expect, test } from 'vitest';
import { describeDrainEta, describeEarliestPass } from '../../src/gate/drain-eta.ts';
import type { DrainPlan } from '../../src/gate/drain-verdict.ts';

const HOUR = 3_600_000;
const NOON = Date.parse('2026-03-01T12:00:00Z');
const PLAN: DrainPlan = {
  legacy: { issuer: 'https://idp.example.com', scope: '', tokenLifetimeMs: HOUR, sessionLifetimeMs: 24 * HOUR },
  gate: { silenceMs: 2 * HOUR, coverage: 1 },
  clockToleranceMs: 0,
};

test('tells when the gate could pass if no legacy token is seen again', () => {
  expect(describeEarliestPass(NOON + HOUR, NOON)).toBe(
    '2026-03-01T13:00:00Z (in 1h), if no legacy token is seen again',
  );
});

test('names no time if waiting alone is not enough', () => {
  expect(describeEarliestPass(null, NOON)).toBe('unknown: waiting alone is not enough');
});

test('tells the same in phase drain', () => {
  expect(describeDrainEta('drain', NOON + HOUR, PLAN, NOON)).toBe(describeEarliestPass(NOON + HOUR, NOON));
});

test.each(['prepare', 'expand', 'migrate'] as const)('tells in phase %s how long a drain takes at least', (phase) => {
  expect(describeDrainEta(phase, null, PLAN, NOON)).toBe(
    'begins when every login asks for target, and takes at least 1d 1h',
  );
  const silent = { ...PLAN, gate: { silenceMs: 48 * HOUR, coverage: 1 } };
  expect(describeDrainEta(phase, null, silent, NOON)).toContain('2d 1h');
});

test('is over once legacy is closed', () => {
  expect(describeDrainEta('contract', null, PLAN, NOON)).toBe('over');
});
