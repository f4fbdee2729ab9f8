import { describe, expect, test } from 'vitest';
import { type FleetRead, showFleet } from '../../src/fleet/show-fleet.ts';
import { NOW_MS, readingsOf, readingWith } from '../fixture/readings.ts';

const MINUTE_AGO = new Date(NOW_MS - 60_000).toISOString();
const HOUR_AGO = new Date(NOW_MS - 3_600_000).toISOString();
const FLAGS = {
  revision: '7',
  source: 'appconfig orders/production/crossfade',
  hash: 'abc',
  ageSeconds: 2,
  stale: false,
};

function shown(instances: FleetRead['instances'], thisProcess?: string) {
  return showFleet({ source: 'sidecars', problem: null, expected: instances.length, instances }, thisProcess, NOW_MS);
}

test('sums what instances told that respond, and leaves out the others', () => {
  const fleet = shown([
    readingWith({ validUnauthorized: 2, lastUnauthorizedAt: HOUR_AGO, disagreements: null }),
    readingWith({ validUnauthorized: 1, lastUnauthorizedAt: MINUTE_AGO, disagreements: 4 }),
    readingWith({ validUnauthorized: 9, problem: 'cannot be reached' }),
  ]);
  expect(fleet).toMatchObject({ expected: 3, responding: 2, known: 3, apart: 0 });
  expect(fleet.sums).toEqual({
    mix: { legacy: 10, target: 10, bridge: 0 },
    ...{ validUnauthorized: 3, lastUnauthorizedAt: MINUTE_AGO },
    ...{ disagreements: 4, lastDisagreementAt: null },
  });
});

test('marks the instance that shows the page', () => {
  const fleet = shown([readingWith({ process: 'a3c1' }), readingWith({ process: 'b7' }), readingWith()], 'a3c1');
  expect(fleet.instances.map(({ isThis }) => isThis)).toEqual([true, false, false]);
});

describe('flags', () => {
  test('are compared with those that most hold', () => {
    const fleet = shown(
      [
        readingWith({ process: 'own', flags: { ...FLAGS, hash: 'old' } }),
        readingWith(),
        readingWith(),
        readingWith({ flags: { ...FLAGS, source: 'appconfig orders/staging/crossfade' } }),
        readingWith({ problem: 'cannot be reached', flags: { ...FLAGS, hash: 'old' } }),
      ],
      'own',
    );
    const comparisons = fleet.instances.map(({ comparison }) => comparison);
    expect(comparisons).toEqual(['other_document', 'equal', 'equal', 'other_store', 'unknown']);
    expect(fleet).toMatchObject({ apart: 2, otherStore: 1 });
  });

  test('of this sidecar count where as many hold others', () => {
    const others = readingWith({ flags: { ...FLAGS, hash: 'new' } });
    const fleet = shown([others, readingWith({ process: 'own' })], 'own');
    expect(fleet.instances.map(({ comparison }) => comparison)).toEqual(['other_document', 'equal']);
  });
});

test('counts the faults of APIs, as far as their sidecars respond now', () => {
  const refusing = { shown: { legacy: true, target: false } };
  const fleet = shown([
    readingWith(refusing),
    readingWith({ ...refusing, problem: 'cannot be reached' }),
    readingWith({ phase: 'contract', shown: { legacy: true, target: null } }),
    readingWith(),
  ]);
  expect(fleet.faults).toEqual({ refuses_valid_tokens: 1, takes_closed_legacy: 1 });
  expect(fleet.instances.map(({ fault }) => fault)).toEqual([
    'refuses_valid_tokens',
    null,
    'takes_closed_legacy',
    null,
  ]);
  expect(fleet.instances[0]?.api).toBe('accepts legacy only');
});

test('names 20 of 1,000 instances: those that need attention before others, in the order of the fleet', () => {
  const attention: Record<number, Parameters<typeof readingWith>[0]> = {
    40: { lastDisagreementAt: MINUTE_AGO, disagreements: 1 },
    300: { problem: 'cannot be reached' },
    500: { shown: { legacy: true, target: false } },
    700: { validUnauthorized: 3, lastUnauthorizedAt: MINUTE_AGO },
    800: { process: 'own' },
    900: { flags: { ...FLAGS, hash: 'old' } },
    950: { validUnauthorized: 3, lastUnauthorizedAt: HOUR_AGO },
  };
  const fleet = shown(
    readingsOf(1000, (index) => attention[index] ?? {}),
    'own',
  );
  const names = fleet.instances.map(({ name }) => Number(name.slice(4, -5)));
  expect(names).toHaveLength(20);
  expect(names).toEqual(names.toSorted((one, other) => one - other));
  expect(names).toEqual(expect.arrayContaining([40, 300, 500, 700, 800, 900]));
  expect(names).not.toContain(950);
  expect(fleet).toMatchObject({ responding: 999, known: 1000, apart: 1 });
});

test('leaves out the least urgent where more than 20 need attention', () => {
  const fleet = shown(
    readingsOf(60, (index) =>
      index < 40 ? { problem: 'cannot be reached' } : { shown: { legacy: false, target: true } },
    ),
  );
  expect(fleet.instances.map(({ fault }) => fault)).toEqual(Array(20).fill('refuses_valid_tokens'));
});
