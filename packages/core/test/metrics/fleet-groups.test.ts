import { describe, expect, it } from 'vitest';
import { type FleetRequest, readFleetGroups } from '../../src/metrics/fleet-groups.ts';
import type { InstantQuery, InstantSample } from '../../src/metrics/fleet-scope.ts';

const NOW_MS = 1_000_000;
const request: FleetRequest = {
  migration: 'orders-2026',
  marksMs: { legacy: [500_000], target: [500_000] },
  nowMs: NOW_MS,
  refusedSinceMs: 900_000,
  isLegacyOpen: true,
};

type Answer = number | readonly (readonly [Record<string, string>, number])[];

/** Answers each query by the first pattern that it matches, and keeps the queries. */
function prometheus(answers: readonly (readonly [RegExp, Answer])[]) {
  const asked: string[] = [];
  const query: InstantQuery = async (promql) => {
    asked.push(promql);
    const answer = answers.find(([pattern]) => pattern.test(promql))?.[1] ?? [];
    const samples = typeof answer === 'number' ? [[{}, answer] as const] : answer;
    return samples.map(([labels, value]): InstantSample => ({ labels, value }));
  };
  return { query, asked };
}

const SIZE = [
  [/^count\(crossfade_build_info/, 50],
  [/^count\(count by \(process\)/, 50],
] as const;
const LIKE_ALL = [
  [/^topk\(100, count by \(revision, source, hash\)/, [[{ revision: '7', source: 'file f', hash: 'h7' }, 50]]],
  [/^topk\(100, count_values\("percent"/, [[{ percent: '25' }, 50]]],
  [/^count\(crossfade_last_seen/, 50],
] as const;

describe('a fleet in Prometheus', () => {
  it('is read one by one up to 20 instances', async () => {
    const { query, asked } = prometheus(SIZE.map(([pattern]) => [pattern, 20]));
    expect(await readFleetGroups(query, request)).toEqual({ live: 20, groups: null, named: [] });
    expect(asked).toHaveLength(3);
    expect(await readFleetGroups(prometheus([]).query, request)).toEqual({ live: 0, groups: null, named: [] });
  });

  it('is read in groups beyond that, and names none where all are alike', async () => {
    const { query, asked } = prometheus([
      ...SIZE,
      ...LIKE_ALL,
      [/^count\(crossfade_api_response.*response="accepted"/, 50],
    ]);
    expect(await readFleetGroups(query, request)).toEqual({
      live: 50,
      named: [],
      groups: {
        count: 50,
        sides: {
          legacy: [{ count: 50, commanded: undefined, acceptedMs: NOW_MS, unauthorizedMs: null }],
          target: [{ count: 50, commanded: undefined, acceptedMs: NOW_MS, unauthorizedMs: null }],
        },
        flags: [{ count: 50, revision: '7', source: 'file f', hash: 'h7', percent: 25 }],
        silentOfLegacy: 0,
        missingTargetKeys: 0,
      },
    });
    expect(asked.join('\n')).not.toContain('topk by (process)');
  });

  it('names those that need attention, the most urgent first, and any that is asked for', async () => {
    const { query, asked } = prometheus([
      ...SIZE,
      [
        /^topk\(100, count by \(revision, source, hash\)/,
        [
          [{ revision: '6', hash: 'h6' }, 3],
          [{ revision: '7', hash: 'h7' }, 47],
        ],
      ],
      [
        /^topk\(100, count_values\("percent"/,
        [
          [{ percent: '5' }, 3],
          [{ percent: '25' }, 47],
        ],
      ],
      [/^count\(crossfade_last_seen/, 49],
      [
        /^count_values\("value", crossfade_accepts.*legacy/,
        [
          [{ value: '1' }, 9],
          [{ value: '0' }, 2],
        ],
      ],
      [
        /^count_values\("value", crossfade_accepts.*target/,
        [
          [{ value: '1' }, 8],
          [{ value: '0' }, 1],
        ],
      ],
      [/^count\(.*audience="target",response="unauthorized"/, 1],
      [/^topk\(100, count_values\("state"/, [[{ state: `${((1 * 2 + 0) * 2 + 0) * 3 + 0}` }, 1]]],
      [/^topk\(20, crossfade_api_response.*"target",response="unauthorized"/, [[{ instance: 'refuses' }, 950]]],
      [/^topk\(20, crossfade_accepts.*"target"[^}]*\} == 0/, [[{ instance: 'closed to target' }, 0]]],
      [/^topk\(20, crossfade_accepts.*"legacy"[^}]*\} == 0/, [[{ instance: 'closed' }, 0]]],
      [/^topk\(20, crossfade_accepts.*unless/, [[{ instance: 'keyless' }, 1]]],
      [/^topk\(20, crossfade_build_info.*unless/, [[{}, 1]]],
      [
        /^topk\(20, crossfade_flags_info.*hash!="h7"/,
        [
          [{ instance: 'behind' }, 1],
          [{ instance: 'closed' }, 1],
        ],
      ],
    ]);
    const { named, groups } = await readFleetGroups(query, { ...request, names: ['asked for'] });
    expect(named).toEqual(['asked for', 'refuses', 'closed to target', 'closed', 'keyless', '', 'behind']);
    expect(groups).toMatchObject({ silentOfLegacy: 1, missingTargetKeys: 2 });
    expect(groups?.sides.target).toContainEqual({
      count: 1,
      commanded: undefined,
      acceptedMs: null,
      unauthorizedMs: NOW_MS,
    });
    expect(groups?.flags.map(({ percent }) => percent)).toEqual([null, null]);
    expect(asked.every((promql) => promql.includes('instance!~"asked for"'))).toBe(true);
  });

  it('searches by the flags that it is told, and not for refusals or closed APIs where none matters', async () => {
    const { query, asked } = prometheus([
      ...SIZE,
      ...LIKE_ALL,
      [/^count\(.*response="unauthorized"/, 50],
      [/^count_values\("value"/, [[{ value: '0' }, 50]]],
    ]);
    const { refusedSinceMs: _ignored, ...others } = request;
    await readFleetGroups(query, { ...others, isLegacyOpen: false, hash: 'h8' });
    expect(asked.filter((promql) => promql.startsWith('topk(20'))).toEqual([
      'topk(20, crossfade_accepts{migration="orders-2026",audience="target"} == 0)',
      'topk(20, crossfade_flags_info{migration="orders-2026",hash!="h8"})',
    ]);
  });

  it('counts shares where older instances tell no hash, and those that tell nothing', async () => {
    const { query } = prometheus([
      ...SIZE,
      [/^topk\(100, count by \(revision, source, hash\)/, [[{ revision: '7' }, 40]]],
      [/^topk\(100, count_values by \(revision, source\)/, [[{ revision: '7', percent: '25' }, 39]]],
      [/^topk\(100, count_values\("percent".*unless/, [[{ percent: '5' }, 6]]],
    ]);
    const { groups } = await readFleetGroups(query, request);
    const none = { source: null, hash: null };
    expect(groups?.flags).toEqual([
      { ...none, count: 39, revision: '7', percent: 25 },
      { ...none, count: 6, revision: null, percent: 5 },
      { ...none, count: 5, revision: null, percent: null },
    ]);
    expect(groups?.silentOfLegacy).toBe(50);
  });

  it('takes shares that are not told for unknown, and older instances for what they are', async () => {
    const { query } = prometheus([
      [/^count\(crossfade_build_info\{/, 50],
      [/^count\(count by \(process\)/, 40],
      [/^count\(count by \(instance\)/, 10],
      [/^topk\(100, count by \(revision, source, hash\)/, [[{ revision: '7', hash: 'h7' }, 40]]],
      [/^topk\(100, count_values\("percent".*unless/, [[{ percent: '25' }, 10]]],
      [/^topk\(100, count_values\("percent"/, [[{}, 50]]],
    ]);
    const { groups } = await readFleetGroups(query, request);
    expect(groups?.flags).toEqual([
      { count: 40, revision: '7', source: null, hash: 'h7', percent: null },
      { count: 10, revision: null, source: null, hash: null, percent: 25 },
    ]);
  });

  it('asks for no more than it is told to, and knows nothing of the rest', async () => {
    const { query, asked } = prometheus([...SIZE, ...LIKE_ALL, [/^count\(.*response="unauthorized"/, 3]]);
    const flags = await readFleetGroups(query, { ...request, parts: ['flags'] });
    const unknown = { acceptedMs: null, unauthorizedMs: null, commanded: undefined };
    expect(flags.groups).toMatchObject({
      sides: { legacy: [{ ...unknown, count: 50 }], target: [{ ...unknown, count: 50 }] },
      flags: [{ count: 50, hash: 'h7' }],
      missingTargetKeys: 0,
    });
    expect(asked.join('\n')).not.toContain('crossfade_api_response');
    const { sides, ...others } = (await readFleetGroups(query, { ...request, parts: ['refusals'] })).groups ?? {};
    expect(sides?.target).toEqual([
      { ...unknown, count: 3, unauthorizedMs: NOW_MS },
      { ...unknown, count: 47 },
    ]);
    expect(sides?.legacy).toEqual(sides?.target);
    expect(others).toMatchObject({ flags: [{ count: 50, revision: null, source: null, hash: null, percent: null }] });
    const { refusedSinceMs: _none, ...whenever } = request;
    const never = await readFleetGroups(query, { ...whenever, parts: ['refusals'] });
    expect(never.groups?.sides.target).toEqual([{ ...unknown, count: 50 }]);
  });

  it('tells those apart, and names them, that have not shown their flags since a moment', async () => {
    const shown = (count: number | null): readonly [RegExp, Answer] => [
      /^topk\(100, count by \(revision, source, hash\) \(timestamp\(crossfade_flags_info.* >= 990\)/,
      count === null ? [] : [[{ revision: '7', source: 'file f', hash: 'h7' }, count]],
    ];
    const late: readonly [RegExp, Answer] = [
      /^topk\(20, timestamp\(crossfade_flags_info\{[^}]*\}\) < 990\)/,
      [[{ instance: 'late' }, 980]],
    ];
    const read = (count: number | null) => {
      const { query } = prometheus([...SIZE, shown(count), late, ...LIKE_ALL]);
      return readFleetGroups(query, { ...request, parts: ['flags'], shownSinceMs: 990_000, hash: 'h7' });
    };
    const held = { revision: '7', source: 'file f', hash: 'h7', percent: 25 };
    const some = await read(48);
    expect(some.groups?.flags).toEqual([
      { ...held, count: 48 },
      { ...held, count: 2, isOld: true },
    ]);
    expect(some.named).toEqual(['late']);
    const all = await read(50);
    expect(all.groups?.flags).toEqual([{ ...held, count: 50 }]);
    expect(all.named).toEqual([]);
    expect((await read(null)).groups?.flags).toEqual([{ ...held, count: 50, isOld: true }]);
  });

  it('tells flags apart that name no store', async () => {
    const { query } = prometheus([
      ...SIZE,
      [/^topk\(100, count by \(revision, source, hash\) \(timestamp/, [[{ hash: 'h7' }, 50]]],
      [/^topk\(100, count by \(revision, source, hash\)/, [[{ hash: 'h7' }, 50]]],
    ]);
    const { groups } = await readFleetGroups(query, { ...request, parts: ['flags'], shownSinceMs: 990_000 });
    expect(groups?.flags).toEqual([{ count: 50, revision: null, source: null, hash: 'h7', percent: null }]);
  });

  it('asks when an instance was scraped, and not when it was evaluated, where two jobs scrape one', async () => {
    const { query, asked } = prometheus([
      [/^count\(crossfade_build_info\{/, 61],
      [/^count\(count by \(process\)/, 30],
      [/^count\(topk by \(process\)/, 31],
    ]);
    await readFleetGroups(query, { ...request, parts: ['flags'], shownSinceMs: 990_000 });
    const shown = asked.filter((promql) => promql.includes('>= 990'));
    expect(shown).toHaveLength(1);
    expect(shown[0]).toContain(
      'max by (job, instance, revision, source, hash) (timestamp(crossfade_flags_info{migration="orders-2026"}))',
    );
  });

  it('counts a process once that two jobs scrape, and no collector that is deaf', async () => {
    const { query, asked } = prometheus([
      [/^count\(crossfade_build_info\{/, 61],
      [/^count\(count by \(process\)/, 30],
      [/^count\(count by \(instance\)/, 1],
      [/^count\(topk by \(process\)/, 31],
    ]);
    expect((await readFleetGroups(query, request)).groups?.count).toBe(31);
    const responses = asked.filter((promql) => promql.startsWith('count((max by (job, instance, audience, response)'));
    expect(responses.length).toBeGreaterThan(0);
    expect(responses.every((promql) => promql.includes('and on (job, instance) (topk by (process)'))).toBe(true);
    const deaf = prometheus([...SIZE, [/^count\(crossfade_collector_watches/, 1], [/^count\(topk by/, 49]]);
    expect((await readFleetGroups(deaf.query, request)).live).toBe(49);
  });
});
