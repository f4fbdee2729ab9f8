import { DEFAULT_FLAG_DOCUMENT, type FlagSnapshot } from '@crossfade/core';
import type { FleetGroups, InstantSample, SideGroup } from '@crossfade/core/metrics';
import { describe, expect, test } from 'vitest';
import { groupRequest, readWholeFleet } from '../../src/fleet/large-fleet.ts';
import { createSettableFlags } from '../fixture/flags.ts';
import { NOW_MS } from '../fixture/readings.ts';

const MOVED_MS = NOW_MS - 600_000;

function standOf(acceptance: 'both' | 'target', percent: number, hash = 'abc') {
  const issuance = { enabled: true, percent, revision: '7', sinceMs: MOVED_MS };
  const document = { ...DEFAULT_FLAG_DOCUMENT, issuance, acceptance };
  const snapshot: FlagSnapshot = { ...createSettableFlags().snapshot(), hash, document };
  return { migration: 'm', silenceMs: 3_600_000, snapshot, nowMs: NOW_MS };
}

function groupOf(count: number, shown: Partial<SideGroup> = {}): SideGroup {
  return { count, commanded: undefined, acceptedMs: NOW_MS - 1000, unauthorizedMs: null, ...shown };
}

const HELD = { revision: '7', source: 'appconfig a/e/p', hash: 'abc', percent: 50 };
const WELL: FleetGroups = {
  count: 1000,
  sides: { legacy: [groupOf(1000)], target: [groupOf(1000)] },
  flags: [{ count: 1000, ...HELD }],
  silentOfLegacy: 0,
  missingTargetKeys: 0,
};
const REFUSED = { acceptedMs: null, unauthorizedMs: NOW_MS - 1000 };

/** Nothing is recorded, and no query finds anything. */
const nothing = (): Promise<readonly InstantSample[]> => Promise.resolve([]);

async function read(groups: Partial<FleetGroups>, stand = standOf('both', 50), gone = 0) {
  return (await readWholeFleet(nothing, { ...WELL, ...groups }, gone, stand)).whole;
}

describe('a fleet that is too large to read each instance', () => {
  test('is well where all of it shows the same', async () => {
    expect(await read({}, standOf('both', 50), 3)).toMatchObject({
      ...{ responding: 1000, known: 1003, apart: 0, otherStore: 0 },
      faults: { refuses_valid_tokens: 0, takes_closed_legacy: 0 },
      sums: { mix: { legacy: 0, target: 0, bridge: 0 }, lastUnauthorizedAt: null },
    });
  });

  test('counts those that hold other flags than most, and those of another store', async () => {
    const flags = [
      { count: 3, ...HELD, hash: 'other' },
      { count: 990, ...HELD },
      { count: 7, ...HELD, source: 'file /flags.json' },
    ];
    expect(await read({ flags })).toMatchObject({ apart: 10, otherStore: 7, usual: { hash: 'abc' } });
  });

  test.each([
    ['legacy before the close', 'both', { legacy: [groupOf(990), groupOf(10, REFUSED)] }, 10, 0],
    ['target while it is issued', 'both', { target: [groupOf(996), groupOf(4, REFUSED)] }, 4, 0],
    ['legacy after the close', 'target', { legacy: [groupOf(1000, REFUSED)] }, 0, 0],
  ] as const)('counts those that refuse %s', async (_what, acceptance, sides, refuses, takes) => {
    const percent = acceptance === 'target' ? 100 : 50;
    const flags = [{ count: 1000, ...HELD, percent }];
    const { faults } = await read({ flags, sides: { ...WELL.sides, ...sides } }, standOf(acceptance, percent));
    expect(faults).toEqual({ refuses_valid_tokens: refuses, takes_closed_legacy: takes });
  });

  test('counts those that take legacy after the close', async () => {
    const flags = [{ count: 1000, ...HELD, percent: 100 }];
    const legacy = [groupOf(998, REFUSED), groupOf(2)];
    const { faults } = await read({ flags, sides: { ...WELL.sides, legacy } }, standOf('target', 100));
    expect(faults).toEqual({ refuses_valid_tokens: 0, takes_closed_legacy: 2 });
  });

  test('knows no fault of instances that observe and hold other flags than this sidecar', async () => {
    const legacy = [groupOf(1000, REFUSED)];
    const { faults } = await read({ sides: { ...WELL.sides, legacy } }, standOf('both', 50, 'other'));
    expect(faults).toEqual({ refuses_valid_tokens: 0, takes_closed_legacy: 0 });
  });

  test('is grouped by the last move and by gate.silence', () => {
    const silentSinceMs = NOW_MS - 3_600_000;
    expect(groupRequest(standOf('both', 50))).toMatchObject({
      marksMs: { legacy: [silentSinceMs, MOVED_MS], target: [silentSinceMs, MOVED_MS] },
      refusedSinceMs: MOVED_MS,
      isLegacyOpen: true,
    });
  });
});
