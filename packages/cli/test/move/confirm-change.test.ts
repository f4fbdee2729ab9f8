import { parsePlan } from '@crossfade/core';
import { describe, expect, it, vi } from 'vitest';
import { prometheusQueries, showDrainedFleet, startPrometheus } from '../fixture/prometheus.ts';
import { createWorkplace, NOW_MS, PLAN } from '../fixture/workplace.ts';

const now = () => NOW_MS;
const NOW = NOW_MS / 1000;
const one = { job: 'api', instance: '10.0.0.1:9464' };

/** A rollback from 25 %, while an instance shows the flags of after it already, of a scrape ten seconds ago. */
async function rollBackBeforeAScrape(present: readonly (readonly [object, number])[]) {
  const workplace = await createWorkplace();
  const prometheus = await startPrometheus({ ...prometheusQueries(parsePlan(PLAN)), present: 'vector(time())' });
  showDrainedFleet(prometheus, [one.instance], NOW);
  Object.assign(prometheus.results, {
    present,
    expected: [[{}, 1]],
    flags: [[{ ...one, revision: '8' }, 1]],
    percent: [[one, 0]],
    flagsShown: [[one, NOW - 10]],
  });
  await workplace.writeFlags({ 'issue-target': { enabled: true, percent: 25, revision: '7' } });
  await workplace.writePlan({ ...PLAN, gate: { prometheus: prometheus.url } });
  let isOver = false;
  const result = workplace.crossfade(['rollback', '--json'], { now }).finally(() => {
    isOver = true;
  });
  return { prometheus, result, isOver: () => isOver };
}

describe('the confirmation of a change', () => {
  it.each([
    ['by the clock of Prometheus', [[{}, NOW - 2]] as const],
    ['by its own clock where Prometheus does not tell the time', []],
  ])('waits for a scrape of after the write, %s', async (_how, present) => {
    const { prometheus, result, isOver } = await rollBackBeforeAScrape(present);
    const asked = () => prometheus.seen.length;
    // Several polls: each asks over ten queries.
    await vi.waitFor(() => expect(asked()).toBeGreaterThan(60), 10_000);
    expect(isOver()).toBe(false);
    prometheus.results.flagsShown = [[one, NOW]];
    expect(await result).toMatchObject({ exitCode: 0 });
    expect((await result).json()).toMatchObject({ outcome: 'done', pending: [] });
  });
});
