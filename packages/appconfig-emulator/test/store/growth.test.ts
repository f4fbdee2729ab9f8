import { expect, test } from 'vitest';
import { growthSteps } from '../../src/store/growth.ts';

const MINUTE_MS = 60_000;

test('a linear deployment takes even steps, the first at once, the last one interval before its end', () => {
  const steps = growthSteps({ growthType: 'LINEAR', growthFactor: 20, durationMinutes: 30 });
  expect(steps.map(({ percentage }) => percentage)).toEqual([20, 40, 60, 80, 100]);
  expect(steps.map(({ afterMs }) => afterMs / MINUTE_MS)).toEqual([0, 6, 12, 18, 24]);
});

test('an exponential deployment doubles its percentage at each step', () => {
  const steps = growthSteps({ growthType: 'EXPONENTIAL', growthFactor: 10, durationMinutes: 20 });
  expect(steps.map(({ percentage }) => percentage)).toEqual([10, 20, 40, 80, 100]);
  expect(steps.map(({ afterMs }) => afterMs / MINUTE_MS)).toEqual([0, 4, 8, 12, 16]);
});

test('a growth factor that does not divide 100 ends at 100', () => {
  const steps = growthSteps({ growthType: 'LINEAR', growthFactor: 30, durationMinutes: 4 });
  expect(steps.map(({ percentage }) => percentage)).toEqual([30, 60, 90, 100]);
});

test('without a duration the deployment reaches 100 % at once, whatever the growth factor', () => {
  expect(growthSteps({ growthType: 'LINEAR', growthFactor: 1, durationMinutes: 0 })).toEqual([
    { percentage: 100, afterMs: 0 },
  ]);
});
