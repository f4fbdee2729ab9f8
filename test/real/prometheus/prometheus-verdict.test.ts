import type { Verdict } from '@crossfade/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createWorkplace, PLAN } from '../../../packages/cli/test/fixture/workplace.ts';
import { missing } from '../fixture/real-part.ts';
import { startMeteredFleet } from './fixture/metered-fleet.ts';
import { startRuledPrometheus } from './fixture/ruled-prometheus.ts';

const LEVEL_1 = /^crossfade-(expected|level-1.*)$/;
const WHOLE = /^crossfade-(expected|level-1|level-1-counts|level-1-traffic|level-2)$/;
const NONE = /^$/;
const DRAINED: Readonly<Record<Verdict, number | undefined>> = { pass: 1, fail: 0, inconclusive: undefined };
const POLLING = { timeout: 30_000, interval: 200 };
/** The windows of the plan are those that the meters tell. */
const QUICK_PLAN = {
  ...PLAN,
  clockTolerance: '1s',
  legacy: { ...PLAN.legacy, tokenLifetime: '500ms', sessionLifetime: '500ms' },
};

interface Gate {
  readonly verdict: Verdict;
  readonly checks: readonly { readonly name: string; readonly verdict: Verdict; readonly detail: string }[];
  readonly notes: readonly string[];
}

/** Starts two meters, a Prometheus that scrapes them, and a workplace whose gate asks it. */
async function start() {
  const fleet = await startMeteredFleet(2);
  onTestFinished(() => fleet.close());
  const prometheus = await startRuledPrometheus(fleet.ports);
  onTestFinished(() => prometheus.remove());
  const { crossfade, writeFlags } = await createWorkplace({
    ...QUICK_PLAN,
    gate: { silence: '500ms', prometheus: prometheus.url },
  });
  const store = (percent: number) =>
    writeFlags({ 'issue-target': { enabled: true, percent, since: '2026-01-01T00:00:00Z' } });
  await store(100);
  const gate = async () => {
    const said = (await crossfade(['gate', '--json'], { now: Date.now })).json();
    expect(said).not.toHaveProperty('error');
    return said as unknown as Gate;
  };
  const drained = () => prometheus.value('crossfade:drained:bool');
  /** Waits until both say so, for a reason, and expects that they then agree. */
  const agree = async (verdict: Verdict, check?: string, reason: RegExp = /./) => {
    const found = await vi.waitFor(async () => {
      const [said, recorded] = [await gate(), await drained()];
      expect({ verdict: said.verdict, recorded }).toEqual({ verdict, recorded: DRAINED[verdict] });
      if (check !== undefined) {
        expect(said.checks.find(({ name }) => name === check)).toMatchObject({
          verdict,
          detail: expect.stringMatching(reason),
        });
      }
      return said;
    }, POLLING);
    return found;
  };
  return { fleet, prometheus, store, gate, drained, agree };
}

/** The verdict of `crossfade gate` has to be that of the rules, of a Prometheus that evaluates them. */
describe.skipIf(missing('prometheus'))('crossfade gate and crossfade:drained:bool', () => {
  it('do not know while the rules are not loaded, half loaded or new, and pass once the watch is old enough', async () => {
    const { prometheus, agree } = await start();
    await agree('inconclusive', 'silence', /no recorded series of it: load deploy\/prometheus/);
    await prometheus.load(LEVEL_1);
    await agree('inconclusive', 'watched', /only some of the recorded series .* the whole file/);
    await prometheus.load(WHOLE);
    await agree('inconclusive', 'watched', /watched without a gap since .*; the longest window is 2s/);
    await agree('pass');
    await prometheus.load(NONE);
    const { checks } = await agree('inconclusive', 'silence', /recording rules were last evaluated \d+s ago/);
    expect(new Set(checks.map(({ verdict }) => verdict))).toEqual(new Set(['inconclusive']));
  });

  it('agree after each thing that an instance may tell, and the store has its say besides', async () => {
    const { fleet, prometheus, store, gate, drained, agree } = await start();
    await prometheus.load(WHOLE);
    await agree('pass');
    fleet.tell({ legacySeen: 'again' });
    await agree('fail', 'silence', /the last legacy token was seen .* the window is 2s/);
    fleet.tell({ legacySeen: 0 });
    await agree('pass');
    fleet.tell({ unverified: 'again' });
    await agree('inconclusive', 'disagreements', /tokens that cannot be verified/);
    fleet.tell({ verified: 'again' });
    await agree('fail', 'disagreements', /verified tokens that the plan refuses/);
    fleet.tell({ verified: 0, unverified: 0, targetSeen: 60_000 });
    await agree('inconclusive', 'target_traffic', /no target token was seen within 2s by .*orders-api/);
    fleet.tell({ targetSeen: 'again', percent: 50 });
    await agree('fail', 'issuance', /a meter holds flags of less/);
    fleet.tell({ percent: 100 });
    await agree('pass');
    await store(50);
    expect(await gate()).toMatchObject({ verdict: 'fail' });
    expect(await drained()).toBe(1);
  });

  it('do not know while one of two instances is not scraped, and name its service', async () => {
    const { fleet, prometheus, agree } = await start();
    await prometheus.load(WHOLE);
    await agree('pass');
    fleet.hideLast('hidden');
    await agree('inconclusive', 'coverage', /^orders-api: 1 of 2 expected instances are watched$/);
    await agree(
      'inconclusive',
      'watched',
      /, because instances of orders-api were missing until then; the longest window/,
    );
    fleet.hideLast('shown');
    await agree('pass');
  });
});
