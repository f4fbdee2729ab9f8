import { DEFAULT_FLAG_DOCUMENT, decideMove, type FlagDocument, parsePlan } from '@crossfade/core';
import { describe, expect, it } from 'vitest';
import { hashOfFlags } from '../../src/fleet/flags-held.ts';
import type { FleetSnapshot } from '../../src/fleet/fleet.ts';
import { fleetEvidenceOf, stillTakingLegacy } from '../../src/fleet/fleet-evidence.ts';
import { missingCount, respondingCount } from '../../src/fleet/fleet-size.ts';
import { createPrometheusFleet } from '../../src/fleet/prometheus-fleet.ts';
import { metersBehind } from '../../src/move/convergence.ts';
import { situationOf } from '../../src/output/situation.ts';
import { recordedDrained, recordedNameOf } from '../fixture/recorded.ts';
import { NOW_MS, PLAN } from '../fixture/workplace.ts';

const plan = parsePlan(PLAN);
const NOW = NOW_MS / 1000;
const MOVED_MS = NOW_MS - 60_000;
const issuance = { enabled: true, percent: 25, revision: '7', sinceMs: MOVED_MS };
const document: FlagDocument = { ...DEFAULT_FLAG_DOCUMENT, issuance };
const hash = hashOfFlags(document);
const frame = { document, plan, nowMs: NOW_MS };

type Answer = readonly (readonly [Readonly<Record<string, string>>, number | string])[];
type Answers = readonly (readonly [RegExp, Answer | number])[];

/** A fleet of 10,000: each query is answered by the first pattern that it matches. */
function largeFleet(answers: Answers) {
  const asked: string[] = [];
  const all: Answers = [
    ...answers,
    [/^count\((count by \(process\) \()?crossfade_(build_info|process_start)/, 10_000],
    [/^count\(crossfade_last_seen/, 10_000],
    [/^count\(crossfade_api_response.*"accepted"/, 10_000],
    [/^topk\(100, count by \(revision, source, hash\)/, [[{ revision: '7', source: 'file f', hash }, 10_000]]],
    [/^topk\(100, count_values\("percent"/, [[{ percent: '25' }, 10_000]]],
    [/^sum\(max by \(service, cluster\) \(crossfade:expected_instances:sum/, 10_000],
  ];
  const fleet = createPrometheusFleet(
    {
      async get(_path, { query = '' } = {}) {
        asked.push(query);
        const recorded: Partial<Record<string, Answer>> = recordedDrained(NOW);
        const answer = all.find(([pattern]) => pattern.test(query))?.[1] ?? recorded[recordedNameOf(query) ?? ''] ?? [];
        const samples = typeof answer === 'number' ? [[{}, answer] as const] : answer;
        const result = samples.map(([metric, value]) => ({ metric, value: [NOW, `${value}`] }));
        return { status: 'success', data: { resultType: 'vector', result } };
      },
    },
    plan,
  );
  return { fleet, asked };
}

const named = { job: 'api', instance: '10.0.0.9:9464' };
/** What the queries about one instance that was named return. */
const BY_NAME: Answers = [
  [/^max by \(job, instance\) \(crossfade_build_info.*instance=~/, [[named, 1]]],
  [/^max by \(job, instance\) \(crossfade_last_seen.*instance=~/, [[named, 1]]],
];

describe('a large fleet', () => {
  it('is judged as a whole, without a query for each instance', async () => {
    const { fleet, asked } = largeFleet([]);
    const snapshot = await fleet.read(NOW_MS, { document });
    expect(snapshot.readings).toEqual([]);
    expect(fleetEvidenceOf(snapshot, frame)).toMatchObject({
      expected: 10_000,
      responding: 10_000,
      acceptingTarget: 10_000,
      preparedForTarget: 10_000,
      refusingTarget: [],
      refusedBy: [],
      refusedValidMs: null,
      targetKeysMissing: [],
    });
    const situation = situationOf(document, snapshot, plan, NOW_MS);
    expect(decideMove({ verb: 'advance', percent: 50 }, situation)).toMatchObject({ allowed: true });
    expect(asked.filter((promql) => /^max by \(job, instance/.test(promql))).toEqual([]);
  });

  it('names an instance that refuses, with its own time, and says how many more do', async () => {
    const refused = { ...named, audience: 'target', response: 'unauthorized' };
    const { fleet } = largeFleet([
      ...BY_NAME,
      [/^count\(.*audience="target",response="unauthorized"/, 3],
      [/^topk\(100, count_values\("state"/, [[{ state: `${2 * 3 * 6 + 2 * 6}` }, 3]]],
      [/^topk\(20, crossfade_api_response.*"target",response="unauthorized"/, [[refused, NOW - 5]]],
      [/^max by \(job, instance, audience, response\).*instance=~/, [[refused, NOW - 5]]],
    ]);
    const evidence = fleetEvidenceOf(await fleet.read(NOW_MS, { document }), frame);
    expect(evidence).toMatchObject({
      acceptingTarget: 9_997,
      refusingTarget: ['10.0.0.9:9464', '2 more instances'],
      refusedBy: ['10.0.0.9:9464', '2 more instances'],
      refusedValidMs: NOW_MS - 5000,
    });
  });

  it('waits for those that hold other flags: some by name, the others as a number', async () => {
    const { fleet } = largeFleet([
      ...BY_NAME,
      [
        /^topk\(100, count by \(revision, source, hash\)/,
        [
          [{ revision: '7', source: 'file f', hash }, 9000],
          [{ revision: '6', source: 'file f', hash: 'before' }, 1000],
        ],
      ],
      [/^topk\(20, crossfade_flags_info.*hash!=/, [[named, 1]]],
      [
        /^max by \(job, instance, revision, source, hash\).*instance=~/,
        [[{ ...named, revision: '6', source: 'file f', hash: 'before' }, 1]],
      ],
    ]);
    const snapshot = await fleet.read(NOW_MS, { hash });
    const behind = metersBehind(snapshot, { revision: '7', percent: 25, store: { source: 'file f', hash } });
    expect(behind).toEqual([
      { meter: '10.0.0.9:9464', why: 'still holds another flag document (revision 6)' },
      { meter: '999 more instances', why: 'still holds another flag document (revision 6, 25% target)', count: 999 },
    ]);
  });

  it('holds a rollback after a close while any instance refuses legacy, or one that is gone did', async () => {
    const reopened: FlagDocument = { ...document, acceptance: 'both', acceptanceSinceMs: MOVED_MS };
    const gone = { job: 'api', instance: '10.0.0.7:9464', audience: 'legacy' };
    const { fleet } = largeFleet([
      ...BY_NAME,
      [/^count_values\("value", crossfade_accepts.*"legacy"/, [[{ value: '0' }, 40]]],
      [/^count\(crossfade_api_response.*"accepted".* == 0\)/, 40],
      [/^topk\(20, crossfade_accepts.*"legacy"} == 0/, [[named, 0]]],
      [/^max by \(job, instance, audience\) \(crossfade_accepts.*instance=~/, [[{ ...named, audience: 'legacy' }, 0]]],
      [/^topk\(20, \(+last_over_time\(crossfade_accepts/, [[gone, 0]]],
    ]);
    const snapshot = await fleet.read(NOW_MS, { document: reopened });
    const { legacyHolds } = fleetEvidenceOf(snapshot, { ...frame, document: reopened });
    expect(legacyHolds.map(({ meter }) => meter)).toEqual(['10.0.0.9:9464', '39 more instances']);
    expect(snapshot.silent).toMatchObject([{ meter: '10.0.0.7:9464', legacy: { commanded: false } }]);
  });

  it('counts those that do not tell of legacy as missing, and as no proof', async () => {
    const { fleet } = largeFleet([[/^count\(crossfade_last_seen/, 9990]]);
    const snapshot = await fleet.read(NOW_MS, { document });
    expect([respondingCount(snapshot), missingCount(snapshot)]).toEqual([9990, 10]);
    expect(fleetEvidenceOf(snapshot, frame).acceptingTarget).toBe(9990);
  });

  it('is not asked at all where the recording rules tell what is needed, and expected is how many there should be', async () => {
    const { fleet, asked } = largeFleet([
      [/^sum\(max by \(service, cluster, shard\) \(crossfade:live_instances/, 10_000],
    ]);
    const snapshot = await fleet.read(NOW_MS, { parts: ['drain'] });
    expect(snapshot).toMatchObject({ expected: 10_000, readings: [], missing: [], drain: { kind: 'recorded' } });
    expect(asked.filter((promql) => /crossfade_(?!disagreements_total)/.test(promql))).toEqual([]);
  });

  it('is asked for its flags alone by a confirmation, and those count that were shown since', async () => {
    const { fleet, asked } = largeFleet([
      [/^topk\(100, count by .* \(timestamp\(/, [[{ revision: '7', source: 'file f', hash }, 9999]]],
      [/^topk\(20, timestamp\(crossfade_flags_info/, [[named, NOW - 70]]],
      ...BY_NAME,
      [
        /^max by \(job, instance, revision, source, hash\).*=~/,
        [[{ ...named, revision: '7', source: 'file f', hash }, 1]],
      ],
      [/^max by \(job, instance\) \(timestamp\(crossfade_flags_info.*=~/, [[named, NOW - 70]]],
    ]);
    const snapshot = await fleet.read(NOW_MS, { parts: ['flags'], hash, shownSinceMs: NOW_MS - 30_000 });
    const behind = metersBehind(snapshot, { revision: '7', percent: 25, store: { source: 'file f', hash } });
    expect(behind).toEqual([{ meter: '10.0.0.9:9464', why: 'was not scraped since the change was written' }]);
    expect(asked.join('\n')).not.toMatch(/count.*crossfade_api_response|crossfade:drain_check/);
  });

  it('says of those that were not scraped since how many there are', async () => {
    const { fleet } = largeFleet([
      [/^topk\(100, count by .* \(timestamp\(/, [[{ revision: '7', source: 'file f', hash }, 9000]]],
    ]);
    const snapshot = await fleet.read(NOW_MS, { parts: ['flags'], hash, shownSinceMs: NOW_MS - 30_000 });
    expect(metersBehind(snapshot, { revision: '7', percent: 25, store: { source: 'file f', hash } })).toEqual([
      { meter: '1000 instances', why: 'was not scraped since the change was written', count: 1000 },
    ]);
  });

  it('is asked for what the guards of an advance judge, by the moments that they compare with', async () => {
    const { fleet, asked } = largeFleet([]);
    const parts = ['target', 'refusals', 'flags', 'drain'] as const;
    const snapshot = await fleet.read(NOW_MS, { document, parts });
    const situation = situationOf(document, snapshot, plan, NOW_MS);
    expect(decideMove({ verb: 'advance', percent: 50 }, situation)).toMatchObject({ allowed: true });
    expect(asked.filter((promql) => /^count\(crossfade_api_response/.test(promql))).toEqual(
      ['legacy', 'target', 'target'].map((side, index) =>
        expect.stringMatching(
          new RegExp(`audience="${side}",response="${index < 2 ? 'unauthorized' : 'accepted'}"} >= ${MOVED_MS / 1000}`),
        ),
      ),
    );
  });

  it('says how many took a legacy token after a close', async () => {
    const closed: FlagDocument = { ...document, acceptance: 'target', acceptanceSinceMs: NOW_MS - 120_000 };
    const snapshot: FleetSnapshot = await largeFleet([]).fleet.read(NOW_MS, { document: closed });
    expect(stillTakingLegacy(snapshot, { ...frame, document: closed })).toEqual(['10000 instances']);
  });
});
