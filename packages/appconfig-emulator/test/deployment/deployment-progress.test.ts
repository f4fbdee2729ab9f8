import { expect, test } from 'vitest';
import { deploymentProgress, isInProgress } from '../../src/deployment/deployment-progress.ts';
import type { Deployment } from '../../src/store/store.ts';

const MINUTE_MS = 60_000;
const deployment: Deployment = {
  number: 1,
  profileId: 'p',
  strategyId: 's',
  configurationName: 'flags',
  version: { number: 1, content: Buffer.from('{}'), contentType: 'application/json' },
  growthType: 'LINEAR',
  growthFactor: 50,
  durationMinutes: 2,
  bakeMinutes: 3,
  startedAtMs: 0,
  stop: null,
};

test.each([
  [0, 'DEPLOYING', 50],
  [1, 'DEPLOYING', 100],
  [2, 'BAKING', 100],
  [4.99, 'BAKING', 100],
  [5, 'COMPLETE', 100],
])('after %s minutes a deployment of 2 minutes and 3 of bake is %s at %s %%', (minutes, state, percentage) => {
  const progress = deploymentProgress(deployment, minutes * MINUTE_MS);
  expect(progress).toMatchObject({ state, percentage, completedAtMs: state === 'COMPLETE' ? 5 * MINUTE_MS : null });
  expect(isInProgress(deployment, minutes * MINUTE_MS)).toBe(state !== 'COMPLETE');
});

test('the event log lists everything that happened, newest first', () => {
  const { events } = deploymentProgress(deployment, 5 * MINUTE_MS);
  expect(events.map(({ type, atMs }) => [type, atMs / MINUTE_MS])).toEqual([
    ['DEPLOYMENT_COMPLETED', 5],
    ['BAKE_TIME_STARTED', 2],
    ['PERCENTAGE_UPDATED', 1],
    ['PERCENTAGE_UPDATED', 0],
    ['DEPLOYMENT_STARTED', 0],
  ]);
  expect(events.map(({ description }) => description)).toContain('Configuration available to 50.00% of clients');
});

test('a stopped deployment reaches 0 % of clients, and its log ends with the rollback', () => {
  const stopped: Deployment = { ...deployment, stop: { atMs: 30_000, triggeredBy: 'USER', outcome: 'ROLLED_BACK' } };
  const { state, percentage, events } = deploymentProgress(stopped, 10 * MINUTE_MS);
  expect({ state, percentage }).toEqual({ state: 'ROLLED_BACK', percentage: 0 });
  expect(events.map(({ type }) => type)).toEqual([
    'ROLLBACK_COMPLETED',
    'ROLLBACK_STARTED',
    'PERCENTAGE_UPDATED',
    'DEPLOYMENT_STARTED',
  ]);
});
