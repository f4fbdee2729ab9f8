import { parsePlan } from '@crossfade/core';
import { describe, expect, it } from 'vitest';
import { readRecordedDrain } from '../../src/prometheus/recorded-drain.ts';
import { type RecordedName, recordedDrained, recordedNameOf, type Sample } from '../fixture/recorded.ts';
import { NOW_MS, PLAN } from '../fixture/workplace.ts';

const NOW = NOW_MS / 1000;
const DAY = 86_400;

/** Reads a drained migration whose queries have other results. */
async function read(change: Partial<Record<RecordedName, readonly Sample[]>> = {}, plan: object = PLAN) {
  const results: Partial<Record<RecordedName, readonly Sample[]>> = { ...recordedDrained(NOW), ...change };
  const asked: string[] = [];
  const drain = await readRecordedDrain(
    async (promql) => {
      asked.push(promql);
      const samples = results[recordedNameOf(promql) ?? 'hints'] ?? [];
      return samples.map(([labels, value]) => ({ labels, value: Number(value) }));
    },
    parsePlan(plan),
    NOW_MS,
  );
  return { drain, asked };
}

describe('readRecordedDrain', () => {
  it('reads checks, last moments, the watch and the windows of a drained migration', async () => {
    const { drain, asked } = await read(recordedDrained(NOW, { last: { legacy_seen: NOW - 9 * DAY } }));
    expect(drain).toEqual({
      checks: {
        ...{ issuance: true, coverage: true, watched: true, silence: true, expiry: true, sessions: true },
        ...{ target_traffic: true, answers: true, disagreements: true },
      },
      last: {
        ...{ legacy_seen: NOW_MS - 9 * DAY * 1000, legacy_counted: null, after_close_counted: null },
        ...{ legacy_issued: null, legacy_expiry: null, unjudged: null, valid_unauthorized: null },
        ...{ verified_disagreement: null, unverified_disagreement: null, issuance_below_100: null },
      },
      silent: [],
      watchedSinceMs: NOW_MS - 40 * DAY * 1000,
      watchBegan: { because: 'first' },
      debtMs: 0,
      unwatchedShare: null,
      losses: 0,
      services: [],
      moreServices: 0,
      slowClocks: [],
      windows: {
        drainWindowMs: 90_005_000,
        sessionHorizonMs: (30 * DAY + 3605) * 1000,
        clockToleranceMs: 5000,
        blindMs: 300_000,
        coverage: 0.99,
      },
      disagreementReasons: {},
      rules: { evaluatedMs: NOW_MS - 12_000 },
    });
    expect(asked).toHaveLength(8);
  });

  it('asks for ranges of recorded series alone, and for no raw series but as they are now', async () => {
    const { asked } = await read({ evaluated: [] });
    for (const promql of asked) {
      const ranges = [...promql.matchAll(/(\w[\w:]*)\{[^{}]*\}(?:\)\))?\[/g)].map(([, name]) => name);
      expect(ranges.filter((name) => !name?.startsWith('crossfade:'))).toEqual([]);
    }
    expect(asked.join('\n')).toContain('crossfade:unwatched:seconds{migration="orders-2026"}[2595605s]');
  });

  it('leaves out what is absent: unknown is neither yes nor no', async () => {
    const { drain } = await read({ ...recordedDrained(NOW, { checks: { coverage: undefined, silence: 0 } }) });
    expect(drain.checks).not.toHaveProperty('coverage');
    expect(drain.checks.silence).toBe(false);
    const { drain: nothing } = await read({ drain: [], witnesses: [] });
    expect(nothing).toMatchObject({ checks: {}, last: {}, watchedSinceMs: null, debtMs: null, windows: null });
    expect(nothing).not.toHaveProperty('watchBegan');
    expect(nothing.silent).toEqual([
      ...['legacy_seen', 'legacy_issued', 'legacy_expiry', 'unjudged', 'valid_unauthorized'],
      ...['verified_disagreement', 'unverified_disagreement', 'issuance'],
    ]);
  });

  it('takes the worse of two replicas of Prometheus', async () => {
    const one = recordedDrained(NOW).drain;
    const other = recordedDrained(NOW, {
      checks: { expiry: 0 },
      last: { unjudged: NOW - 60 },
      watchedSince: NOW - DAY,
      debt: 60,
    }).drain;
    const { drain } = await read({ drain: [...one, ...other] });
    expect(drain).toMatchObject({
      checks: { expiry: false, silence: true },
      last: { unjudged: NOW_MS - 60_000 },
      watchedSinceMs: NOW_MS - DAY * 1000,
      debtMs: 60_000,
    });
  });

  it('reads which services lag, by how much, and how many more', async () => {
    const { drain } = await read({
      services: [
        [{ of: 'expected', service: 'orders-api' }, 10],
        [{ of: 'watched', service: 'orders-api' }, 8],
        [{ of: 'blind', service: 'orders-api' }, 1],
        [{ of: 'target_seen', service: 'orders-api' }, NOW - 60],
        [{ of: 'watched', service: 'surprise' }, 2],
        [{ of: 'expected', service: 'carts' }, 3],
        [{ of: 'target_seen', service: 'carts' }, 0],
        [{ of: 'lagging' }, 23],
      ],
      slowClocks: [
        [{ service: 'carts' }, 180],
        [{}, 90],
      ],
    });
    expect(drain.services).toEqual([
      { service: 'orders-api', expected: 10, watched: 8, blind: 1, targetLastSeenMs: NOW_MS - 60_000 },
      { service: 'surprise', expected: null, watched: 2, blind: 0 },
      { service: 'carts', expected: 3, watched: 0, blind: 0, targetLastSeenMs: null },
    ]);
    expect(drain.moreServices).toBe(20);
    expect(drain.slowClocks).toEqual([
      { service: 'carts', byMs: 180_000 },
      { service: 'a service without a label', byMs: 90_000 },
    ]);
  });

  it('counts losses, and the unwatched share of the watch', async () => {
    const past: Sample[] = [
      [{ of: 'unwatched' }, 259.5605],
      [{ of: 'losses' }, 2.0001],
    ];
    const { drain } = await read({ past });
    expect(drain.losses).toBe(2);
    expect(drain.unwatchedShare).toBeCloseTo(0.0001, 8);
    // A watch that has just begun has a past, too.
    const young = recordedDrained(NOW, { watchedSince: NOW - 1 });
    expect((await read({ past, ...young })).drain.unwatchedShare).toBeCloseTo(0.865, 3);
  });

  it.each([
    [[[{ of: 'missing', service: 'carts' }, 0.5]], { because: 'missing', services: ['carts'] }],
    [[[{ of: 'evaluated' }, NOW - 40 * DAY - 1200]], { because: 'stopped', forMs: 1_200_000 }],
    [[[{ of: 'evaluated' }, NOW - 40 * DAY - 30]], undefined],
  ] as const)('says why the watch began: %j', async (began, expected) => {
    const { drain } = await read({ began });
    expect(drain.watchBegan).toEqual(expected);
  });

  it('counts disagreements within the window, and those of the meters where no rate knows of any', async () => {
    const ofMeters: Sample[] = [[{ of: 'meters', reason: 'id_token' }, 9]];
    const within: Sample[] = [
      [{ of: 'window', reason: 'expired' }, 2.0345],
      [{ of: 'window' }, 1],
    ];
    expect((await read({ reasons: [...ofMeters, ...within] })).drain.disagreementReasons).toEqual({
      expired: 3,
      unknown: 1,
    });
    expect((await read({ reasons: ofMeters })).drain.disagreementReasons).toEqual({ id_token: 9 });
  });

  it.each([
    [[], 'no_meters'],
    [[[{ of: 'level_1' }, 1]], 'no_meters'],
    [[[{ of: 'meters' }, 3]], 'not_loaded'],
    [
      [
        [{ of: 'meters' }, 3],
        [{ of: 'level_2' }, 1],
      ],
      'half_loaded',
    ],
    [
      [
        [{ of: 'instances' }, 3],
        [{ of: 'level_1_plan' }, 1],
      ],
      'half_loaded',
    ],
    [
      [
        [{ of: 'meters' }, 3],
        [{ of: 'level_1' }, 1],
        [{ of: 'plans' }, 4],
      ],
      'half_loaded',
    ],
    [
      [
        [{ of: 'meters' }, 3],
        [{ of: 'level_1_issuance' }, 1],
      ],
      'old_sidecars',
    ],
  ] as const)('says why the rules tell nothing, by what there is: %j', async (hints, missing) => {
    const { drain } = await read({ drain: [], evaluated: [], hints });
    expect(drain.rules).toEqual({ missing });
  });

  it('says when they were evaluated last, by the clock of Prometheus, unless no meter is left', async () => {
    const late: Sample[] = [[{}, 1200]];
    const { drain } = await read({ evaluated: late, hints: [[{ of: 'meters' }, 3]] });
    expect(drain.rules).toEqual({ evaluatedMs: NOW_MS - 1_200_000 });
    expect((await read({ evaluated: late })).drain.rules).toEqual({ missing: 'no_meters' });
    expect((await read({ drain: [], evaluated: late, hints: [[{ of: 'meters' }, 3]] })).drain.rules).toEqual({
      evaluatedMs: NOW_MS - 1_200_000,
    });
  });
});
