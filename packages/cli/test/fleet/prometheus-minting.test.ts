import { type Issuance, parsePlan } from '@crossfade/core';
import { describe, expect, it } from 'vitest';
import { createPrometheusFleet } from '../../src/fleet/prometheus-fleet.ts';
import { mintQueries, mintWindowMs } from '../../src/fleet/prometheus-minting.ts';
import { apiAt, startPrometheus } from '../fixture/prometheus.ts';
import { NOW_MS, PLAN } from '../fixture/workplace.ts';

const plan = parsePlan(PLAN);
const HOUR_MS = 3_600_000;

function movedAt(sinceMs: number | null): Issuance {
  return { enabled: true, percent: 25, revision: '7', sinceMs };
}

async function startFleet(windowMs = HOUR_MS) {
  const prometheus = await startPrometheus(mintQueries(plan, windowMs));
  const fleet = createPrometheusFleet(apiAt(prometheus.url), plan);
  return { prometheus, minting: () => fleet.minting(movedAt(NOW_MS - windowMs), NOW_MS) };
}

/** What the rules record of clients that asked for target, and got it. */
const nothingWrong = [[{ service: 'web-app', minted: 'legacy' }, 0]] as const;

describe('what the provider mints, in Prometheus', () => {
  it('is unknown while no client counts it', async () => {
    const { minting } = await startFleet();
    expect(await minting()).toEqual({ kind: 'uncounted' });
  });

  it('is nothing where clients count, and none asked for target', async () => {
    const { prometheus, minting } = await startFleet();
    Object.assign(prometheus.results, { mintSeries: [[{}, 3]], mintsRecorded: nothingWrong });
    expect(await minting()).toEqual({ kind: 'counted', windowMs: HOUR_MS, target: 0, unknown: 0, legacy: {} });
  });

  it('is counted by service, in whole tokens: rates are fractions', async () => {
    const { prometheus, minting } = await startFleet();
    prometheus.results.mintsRecorded = [
      [{ service: 'web-app', minted: 'target' }, 40.4],
      [{ service: 'nightly', minted: 'target' }, 0],
      [{ service: 'web-app', minted: 'legacy' }, 0.2],
      [{ service: 'nightly', minted: 'legacy' }, 2.03],
      [{ service: 'other', minted: 'legacy' }, 0],
      [{ minted: 'legacy' }, 1],
      [{ service: 'web-app', minted: 'unknown' }, 1.6],
    ];
    expect(await minting()).toEqual({
      kind: 'counted',
      windowMs: HOUR_MS,
      target: 40,
      unknown: 2,
      legacy: { 'web-app': 1, nightly: 2, unnamed: 1 },
    });
  });

  it('has half of what the counters tell of the first and the last five minutes, which the rules know in part', async () => {
    const { prometheus, minting } = await startFleet();
    prometheus.results.mintsRecorded = [[{ service: 'nightly', minted: 'legacy' }, 10]];
    prometheus.results.mintsAtFirst = [[{ service: 'nightly', minted: 'legacy' }, 4]];
    prometheus.results.mints = [[{ service: 'nightly', minted: 'legacy' }, 2]];
    expect(await minting()).toMatchObject({ legacy: { nightly: 13 } });
  });

  it('has one token of the last minute, which no rule has counted yet', async () => {
    const { prometheus, minting } = await startFleet();
    prometheus.results.mintsRecorded = nothingWrong;
    prometheus.results.mints = [[{ service: 'nightly', minted: 'legacy' }, 1]];
    expect(await minting()).toMatchObject({ legacy: { nightly: 1 } });
  });

  it('is unknown where clients count and no rule is loaded', async () => {
    const { prometheus, minting } = await startFleet();
    prometheus.results.mintSeries = [[{}, 3]];
    expect(await minting()).toEqual({ kind: 'unrecorded', windowMs: HOUR_MS });
  });

  it('goes back no further than the rules were loaded', async () => {
    const { prometheus, minting } = await startFleet();
    Object.assign(prometheus.results, { mintsRecorded: nothingWrong, mintsSince: [[{}, 600]] });
    expect(await minting()).toMatchObject({ windowMs: 600_000 });
  });

  it('needs no rule within five minutes of a move', async () => {
    const { prometheus, minting } = await startFleet(200_000);
    prometheus.results.mints = [[{ service: 'nightly', minted: 'legacy' }, 2.1]];
    expect(await minting()).toMatchObject({ windowMs: 200_000, legacy: { nightly: 2 } });
  });

  it.each([60_000, 299_000, 301_000, HOUR_MS, 24 * HOUR_MS])(
    'reads no range of what instances show that is longer than five minutes, but an hour before it (%d ms)',
    (windowMs) => {
      const ranges = Object.values(mintQueries(plan, windowMs))
        .flatMap((promql) => [...promql.matchAll(/crossfade_mints_total\{[^}]*\}\[(\w+)\]/g)])
        .map(([, range = '']) => range);
      expect(ranges.filter((range) => range !== '1h' && Number.parseInt(range, 10) > 300)).toEqual([]);
      expect(ranges).not.toEqual([]);
    },
  );

  it.each([
    ['since the last move', movedAt(NOW_MS - HOUR_MS), HOUR_MS],
    ['no longer than the slowest client takes', movedAt(NOW_MS - 100 * HOUR_MS), 24 * HOUR_MS],
    ['that long where the time of the move is unknown', movedAt(null), 24 * HOUR_MS],
    ['two scrapes right after a move, or by a clock that is ahead', movedAt(NOW_MS + HOUR_MS), 120_000],
  ])('counts %s', (_what, issuance, windowMs) => {
    expect(mintWindowMs(plan, issuance, NOW_MS)).toBe(windowMs);
  });
});
