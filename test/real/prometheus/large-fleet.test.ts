import { parsePlan } from '@crossfade/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type CountedQuery, startQueryCounter } from '../../../load/bench/scale/query-counter.ts';
import { createPrometheusFleet } from '../../../packages/cli/src/fleet/prometheus-fleet.ts';
import { createPrometheusApi } from '../../../packages/cli/src/prometheus/prometheus-api.ts';
import { createWorkplace, PLAN, type Workplace } from '../../../packages/cli/test/fixture/workplace.ts';
import { missing } from '../fixture/real-part.ts';
import { type LargeFleet, startLargeFleet } from './fixture/large-fleet.ts';

const COUNT = 120;
/** No query returns more series. */
const MAX_SERIES = 100;
const POLLING = { timeout: 30_000, interval: 200 };
const QUICK_PLAN = {
  ...PLAN,
  clockTolerance: '1s',
  legacy: { ...PLAN.legacy, tokenLifetime: '500ms', sessionLifetime: '500ms' },
};

/** The longest range of what each instance shows that a query reads, in seconds; those an hour long lie before it, as in the rules. */
function longestRange({ query }: CountedQuery): number {
  const ranges = [...query.matchAll(/crossfade_\w+(?:\{[^}]*\})?\[(\w+)\]/g)].map(([, range = '']) => range);
  return Math.max(0, ...ranges.filter((range) => range !== '1h').map((range) => Number(range.replace(/s$/, ''))));
}

describe.skipIf(missing('prometheus'))('a large fleet in a real Prometheus', () => {
  let place: Workplace;
  let fleet: LargeFleet;
  let queries: () => readonly CountedQuery[];

  const opened = () =>
    createPrometheusFleet(
      createPrometheusApi({ url: fleet.url, timeoutMs: 5000 }, new AbortController().signal),
      parsePlan({ ...QUICK_PLAN, gate: { prometheus: fleet.url } }),
    );
  const crossfade = (...argv: readonly string[]) => place.crossfade(argv, { now: Date.now });
  const issue = (percent: number, sinceMs: number) =>
    place.writeFlags({
      'issue-target': { enabled: percent > 0, percent, revision: '7', since: new Date(sinceMs).toISOString() },
    });

  beforeAll(async () => {
    fleet = await startLargeFleet(COUNT);
  });
  afterAll(() => fleet?.remove());

  beforeEach(async () => {
    place = await createWorkplace();
    await issue(100, Date.now() - 3_600_000);
    fleet.follow(place.flagsPath);
    const counter = await startQueryCounter(fleet.url);
    onTestFinished(() => counter.stop());
    queries = () => counter.take();
    const gate = { silence: '3s', soak: '0s', prometheus: counter.url };
    await place.writePlan({ ...QUICK_PLAN, gate });
    await vi.waitFor(async () => {
      const { stdout } = await crossfade('advance', '--to', '50', '--dry-run');
      expect(stdout).toContain(`${COUNT} of ${COUNT} respond, ${COUNT} accept target, ${COUNT} hold the flags`);
    }, POLLING);
    queries();
  });

  it('costs no verb a query of more than 100 series, nor a range of its counters over five minutes', async () => {
    const said: Record<string, unknown> = {};
    for (const [name, argv] of Object.entries({
      gate: ['gate'],
      status: ['status'],
      close: ['close', '--yes', '--legacy', 'default-api'],
      reopen: ['reopen'],
      rollback: ['rollback'],
      advance: ['advance', '--to', '50', '--yes'],
    })) {
      // The drain needs its windows.
      const result = await vi.waitFor(async () => {
        const tried = await crossfade(...argv, '--json');
        expect(tried.exitCode, `${name}: ${tried.stdout}`).toBe(0);
        return tried.json();
      }, POLLING);
      const asked = queries();
      said[name] = result['outcome'] ?? result['verdict'];
      expect(asked, name).not.toEqual([]);
      for (const query of asked) {
        expect(query.series, `${name}: ${query.query}`).toBeLessThanOrEqual(MAX_SERIES);
        expect(longestRange(query), `${name}: ${query.query}`).toBeLessThanOrEqual(300);
      }
    }
    expect(said).toMatchObject({ advance: 'done', gate: 'pass', close: 'done', reopen: 'done', rollback: 'done' });
  });

  it('asks no instance at the gate', async () => {
    await crossfade('gate');
    // That clients count is asked of them: these have none.
    const raw = queries().filter(({ query }) =>
      /crossfade_(?!mints)\w+\{/.test(query.replace(/crossfade_disagreements_total/, '')),
    );
    expect(raw.map(({ query }) => query)).toEqual([]);
  });

  it('confirms nothing by what instances showed before a change, though they showed the same', async () => {
    const read = async (shownSinceMs: number | undefined) =>
      (await opened().read(Date.now(), { parts: ['flags'], shownSinceMs })).groups?.flags;
    const held = { count: COUNT, revision: '7', percent: 100, source: 'file flags.json', hash: expect.any(String) };
    fleet.scrapes('held');
    const changedMs = await opened().presentMs?.();
    expect(await read(undefined)).toEqual([held]);
    expect(await read(changedMs)).toEqual([{ ...held, isOld: true }]);
    fleet.scrapes('served');
    await vi.waitFor(async () => expect(await read(changedMs)).toEqual([held]), POLLING);
  });

  it('waits for one of its instances that keeps the flags of before, and names it', async () => {
    fleet.keepsFlags(7);
    const pending = crossfade('rollback', '--json');
    await vi.waitFor(async () => {
      const flags = (await opened().read(Date.now(), { parts: ['flags'] })).groups?.flags ?? [];
      expect(flags.map(({ count }) => count).sort((one, other) => one - other)).toEqual([1, COUNT - 1]);
    }, POLLING);
    const behind = await crossfade('status');
    expect(behind.stdout).toContain('10.0.0.7:9465');
    fleet.keepsFlags(undefined);
    expect((await pending).json()).toMatchObject({ outcome: 'done', pending: [] });
  });
});
