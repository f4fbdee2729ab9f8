import { describe, expect, test } from 'vitest';
import { showFleet } from '../../src/fleet/show-fleet.ts';
import {
  describeFleet,
  describeInstanceFlags,
  describeInstancePhase,
  describeMix,
  describeSource,
  labelComparison,
  runbookOfFleet,
  stateOfFleet,
} from '../../src/page/fleet-labels.ts';
import type { FleetShown } from '../../src/page/fleet-state.ts';
import { NOW_MS, readingsOf } from '../fixture/readings.ts';

function fleetOf(
  changes: readonly Parameters<typeof readingsOf>[1][] | number,
  change: Partial<FleetShown> = {},
): FleetShown {
  const count = typeof changes === 'number' ? changes : changes.length;
  const instances = readingsOf(count, (index) => (typeof changes === 'number' ? {} : (changes[index]?.(index) ?? {})));
  const read = { source: 'sidecars', problem: null, expected: count, instances } as const;
  return { ...showFleet(read, undefined, NOW_MS), ...change };
}

const healthy = () => ({});
const refuses = () => ({ shown: { legacy: true, target: false } });
const takesLegacy = () => ({ phase: 'contract', shown: { legacy: true, target: null } }) as const;
const silent = () => ({ problem: 'cannot be reached' });
const got401 = () => ({ validUnauthorized: 1, lastUnauthorizedAt: new Date(NOW_MS - 60_000).toISOString() });
const got401Earlier = () => ({ validUnauthorized: 1, lastUnauthorizedAt: new Date(NOW_MS - 900_000).toISOString() });
const flags = { revision: '8', ageSeconds: 1, stale: false, source: 'appconfig orders/production/crossfade' };
const otherFlags = () => ({ flags: { ...flags, hash: 'new' } });
const otherStore = () => ({ flags: { ...flags, hash: 'abc', source: 'appconfig orders/staging/crossfade' } });

test.each([
  [fleetOf(4), 'asked 4 of 4 instances, all with the same flags', 'good', undefined],
  [fleetOf([healthy, got401Earlier]), 'asked 2 of 2 instances, all with the same flags', 'good', undefined],
  [fleetOf([healthy, silent]), 'asked 1 of 2 instances, all with the same flags', 'bad', 'sidecar-down'],
  [fleetOf([healthy, refuses]), 'asked 2 of 2 instances: 1 refuses valid tokens', 'bad', 'rejections-rising'],
  [fleetOf([refuses, refuses]), 'asked 2 of 2 instances: 2 refuse valid tokens', 'bad', 'rejections-rising'],
  [fleetOf([healthy, got401]), 'asked 2 of 2 instances: valid tokens got 401 lately', 'bad', 'rejections-rising'],
  [fleetOf([takesLegacy, healthy]), 'asked 2 of 2 instances: 1 takes legacy after the close', 'bad', 'disagreements'],
  [fleetOf([healthy, healthy, otherFlags]), 'asked 3 of 3 instances: 1 with other flags', 'warn', 'flag-store-down'],
  [fleetOf([healthy, healthy, otherStore]), 'asked 3 of 3 instances: 1 with other flags', 'bad', 'flag-store-down'],
  [
    fleetOf(4, { source: 'prometheus', expected: null }),
    'Prometheus scrapes 4 instances, of an unknown number, all with the same flags',
    'good',
    undefined,
  ],
  [
    fleetOf(38, { source: 'prometheus', expected: 40 }),
    'Prometheus scrapes 38 of 40 instances, all with the same flags',
    'bad',
    'sidecar-down',
  ],
  [
    fleetOf(1, { source: 'prometheus', problem: 'did not respond within 5s' }),
    'unknown: Prometheus did not respond within 5s',
    'warn',
    'sidecar-down',
  ],
  [fleetOf(1, { source: 'alone' }), 'this sidecar alone', 'good', undefined],
] as const)('a fleet of %# is described as %s', (fleet, description, state, runbook) => {
  expect(describeFleet(fleet, NOW_MS)).toBe(description);
  expect(stateOfFleet(fleet, NOW_MS)).toBe(state);
  expect(runbookOfFleet(fleet, NOW_MS)).toBe(runbook);
});

test('the source says how many of a large fleet are named', () => {
  expect(describeSource(fleetOf(3))).toBe('as each sidecar tells');
  const source = '20 of 1,000 named, those that need attention first, as Prometheus has it';
  expect(describeSource(fleetOf(1000, { source: 'prometheus' }))).toBe(source);
  const none = 'none of 1,000 needs attention, as Prometheus has it';
  expect(describeSource(fleetOf(1000, { source: 'prometheus', instances: [] }))).toBe(none);
});

describe('an instance', () => {
  test.each([
    [{ legacy: 1, target: 3, bridge: 0 }, '75.0 % target'],
    [{ legacy: 0, target: 0.2, bridge: 0 }, '100 % target'],
    [{ legacy: 0, target: 0, bridge: 0 }, 'no traffic'],
    [null, 'unknown'],
  ])('with the mix %o shows %s', (mix, text) => {
    expect(describeMix(mix)).toBe(text);
  });

  test('shows what is unknown as unknown', () => {
    expect(describeInstancePhase({ phase: 'migrate', percent: 25 })).toBe('migrate, 25 %');
    expect(describeInstancePhase({ phase: null, percent: 25 })).toBe('unknown, 25 %');
    expect(describeInstancePhase({ phase: null, percent: null })).toBe('unknown');
    expect(describeInstanceFlags(null)).toBe('unknown');
    expect(describeInstanceFlags({ ...flags, hash: 'abc', revision: null })).toBe('revision unknown');
  });

  test.each([
    ['equal', false, null, 'equal', 'idle'],
    ['equal', true, null, 'stale', 'inconclusive'],
    ['unknown', false, null, 'not compared', 'idle'],
    ['other_document', false, null, 'differs', 'inconclusive'],
    ['other_store', false, 'cannot be reached', 'another store', 'fail'],
  ] as const)(
    'whose flags are %s, stale %s, with the problem %s, is labelled %s',
    (comparison, stale, problem, label, verdict) => {
      expect(labelComparison({ comparison, problem, flags: { ...flags, hash: 'abc', stale } })).toEqual({
        label,
        verdict,
      });
    },
  );

  test('that does not respond has no label of flags', () => {
    expect(labelComparison({ comparison: 'unknown', problem: 'cannot be reached', flags: null })).toBeUndefined();
  });
});
