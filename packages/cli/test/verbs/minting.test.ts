import { parsePlan } from '@crossfade/core';
import { describe, expect, it } from 'vitest';
import { mintQueries } from '../../src/fleet/prometheus-minting.ts';
import { prometheusQueries, showDrainedFleet, startPrometheus } from '../fixture/prometheus.ts';
import { startSidecar } from '../fixture/sidecar.ts';
import { createWorkplace, NOW_MS, PLAN } from '../fixture/workplace.ts';

const now = () => NOW_MS;
const NOW = NOW_MS / 1000;
const one = { job: 'api', instance: '10.0.0.1:9464' };

/** A migration at 25 % for an hour, with one instance in Prometheus that accepts target. */
async function createWorkplaceWithPrometheus() {
  const workplace = await createWorkplace();
  const plan = parsePlan(PLAN);
  const prometheus = await startPrometheus({ ...prometheusQueries(plan), ...mintQueries(plan, 3_600_000) });
  showDrainedFleet(prometheus, [one.instance], NOW);
  Object.assign(prometheus.results, {
    expected: [[{}, 1]],
    accepts: [
      [{ ...one, audience: 'legacy' }, 1],
      [{ ...one, audience: 'target' }, 1],
    ],
    percent: [[one, 25]],
    flags: [[{ ...one, revision: '7' }, 1]],
  });
  const since = new Date(NOW_MS - 3_600_000).toISOString();
  await workplace.writeFlags({ 'issue-target': { enabled: true, percent: 25, revision: '7', since } });
  await workplace.writePlan({ ...PLAN, gate: { prometheus: prometheus.url } });
  return { ...workplace, prometheus };
}

const MINTED_LEGACY =
  /2 of 12 access tokens for which clients chose target in the last 1h came for legacy \(nightly 2\): the provider refuses or ignores target: .*roll back and advance again/;
const mintedLegacy = {
  mintSeries: [[{}, 3]],
  mintsRecorded: [
    [{ service: 'web-app', minted: 'target' }, 9.6],
    [{ service: 'nightly', minted: 'legacy' }, 2.01],
  ],
};

describe('legacy tokens for clients that chose target', () => {
  it('stop an advance, which says how many, of whom, and what to do', async () => {
    const { crossfade, prometheus, flags } = await createWorkplaceWithPrometheus();
    Object.assign(prometheus.results, mintedLegacy);
    const text = await crossfade(['advance', '--to', '50', '--yes'], { now });
    expect(text.exitCode).toBe(1);
    expect(text.stdout).toMatch(new RegExp(`refused +minting: ${MINTED_LEGACY.source}`));
    const json = await crossfade(['advance', '--to', '50', '--yes', '--json'], { now });
    expect(json.json()).toMatchObject({
      outcome: 'refused',
      refusals: [{ guard: 'minting' }],
      minting: { windowSeconds: 3600, target: 10, unknown: 0, legacy: 2, services: { nightly: 2 } },
    });
    expect(await flags()).toMatchObject({ document: { issuance: { percent: 25 } } });
  });

  it('are shown by the status and the gate, whose verdict stays', async () => {
    const { crossfade, prometheus } = await createWorkplaceWithPrometheus();
    const before = (await crossfade(['gate', '--json'], { now })).json();
    Object.assign(prometheus.results, mintedLegacy);
    for (const verb of ['gate', 'status']) {
      const text = await crossfade([verb], { now });
      expect(text.stdout, verb).toMatch(new RegExp(`minting +${MINTED_LEGACY.source}`));
      expect((await crossfade([verb, '--json'], { now })).json(), verb).toMatchObject({ minting: { legacy: 2 } });
    }
    const { next } = (await crossfade(['status', '--json'], { now })).json();
    expect(next).toMatch(new RegExp(`^settle this before the next step: ${MINTED_LEGACY.source}`));
    const after = (await crossfade(['gate', '--json'], { now })).json();
    expect({ ...after, minting: null }).toEqual({ ...before, minting: null });
  });

  it('never hold a rollback, after which the first step is free', async () => {
    const { crossfade, prometheus, flags, writeFlags } = await createWorkplaceWithPrometheus();
    Object.assign(prometheus.results, mintedLegacy, {
      percent: [[one, 0]],
      flags: [[{ ...one, revision: '8' }, 1]],
    });
    expect(await crossfade(['rollback'], { now })).toMatchObject({ exitCode: 0 });
    expect(await flags()).toMatchObject({ document: { issuance: { percent: 0 } } });
    const since = new Date(NOW_MS - 3_600_000).toISOString();
    await writeFlags({ 'issue-target': { enabled: false, revision: '8', since } });
    Object.assign(prometheus.results, { percent: [], flags: [[{ ...one, revision: '9' }, 1]] });
    expect(await crossfade(['advance', '--to', '5', '--yes'], { now })).toMatchObject({ exitCode: 0 });
  });
});

describe('what is unknown of minting', () => {
  it.each([
    ['no client counts', {}, /minting +unknown: no client counts what the provider mints \(createClientMetrics/],
    [
      'the responses show no side',
      { mintsRecorded: [[{ service: 'web-app', minted: 'unknown' }, 4]] },
      /minting +unknown: the responses to 4 access tokens .* do not show the side/,
    ],
  ])('is stated where %s, and refuses nothing', async (_what, results, line) => {
    const { crossfade, prometheus } = await createWorkplaceWithPrometheus();
    Object.assign(prometheus.results, results);
    for (const argv of [['gate'], ['status']]) expect((await crossfade(argv, { now })).stdout).toMatch(line);
    Object.assign(prometheus.results, { percent: [], flags: [[{ ...one, revision: '8' }, 1]] });
    const result = await crossfade(['advance', '--to', '50', '--yes'], { now });
    expect(result).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(line) });
  });

  it('is stated where the gate reads a list of sidecars, in one line', async () => {
    const workplace = await createWorkplace();
    await workplace.writeFlags({ 'issue-target': { enabled: true, percent: 10, revision: '3' } });
    const { url } = await startSidecar(workplace.flagsPath);
    await workplace.writePlan({ ...PLAN, gate: { sidecars: [url] } });
    for (const argv of [['gate'], ['status'], ['advance', '--to', '50', '--yes']]) {
      const result = await workplace.crossfade(argv, { now });
      expect(result.stdout.match(/minting +unknown: sidecars do not see what the provider mints/g)).toHaveLength(1);
    }
    for (const argv of [['gate'], ['status'], ['advance', '--to', '60', '--yes']]) {
      const result = await workplace.crossfade([...argv, '--json'], { now });
      expect(result.json()).toMatchObject({ minting: null });
    }
  });

  it('does not hide the status while Prometheus is down', async () => {
    const { crossfade, prometheus } = await createWorkplaceWithPrometheus();
    await prometheus.close();
    const result = await crossfade(['status', '--json'], { now });
    expect(result).toMatchObject({ exitCode: 4 });
    expect(result.json()).toMatchObject({ minting: null, phase: 'migrate' });
    expect(await crossfade(['advance', '--to', '50', '--yes'], { now })).toMatchObject({ exitCode: 3 });
  });
});
