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

async function startFleet() {
  const prometheus = await startPrometheus(mintQueries(plan, HOUR_MS));
  const fleet = createPrometheusFleet(apiAt(prometheus.url), plan);
  return { prometheus, minting: () => fleet.minting(movedAt(NOW_MS - HOUR_MS), NOW_MS) };
}

describe('what the provider mints, in Prometheus', () => {
  it('is unknown while no client counts it', async () => {
    const { minting } = await startFleet();
    expect(await minting()).toEqual({ kind: 'uncounted' });
  });

  it('is nothing where clients count, and none asked for target', async () => {
    const { prometheus, minting } = await startFleet();
    prometheus.results.mintSeries = [[{}, 3]];
    expect(await minting()).toEqual({ kind: 'counted', windowMs: HOUR_MS, target: 0, unknown: 0, legacy: {} });
  });

  it('is counted by service, in whole tokens: increase extrapolates', async () => {
    const { prometheus, minting } = await startFleet();
    prometheus.results.mints = [
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

  it.each([
    ['since the last move', movedAt(NOW_MS - HOUR_MS), HOUR_MS],
    ['no longer than the slowest client takes', movedAt(NOW_MS - 100 * HOUR_MS), 24 * HOUR_MS],
    ['that long where the time of the move is unknown', movedAt(null), 24 * HOUR_MS],
    ['two scrapes right after a move, or by a clock that is ahead', movedAt(NOW_MS + HOUR_MS), 120_000],
  ])('counts %s', (_what, issuance, windowMs) => {
    expect(mintWindowMs(plan, issuance, NOW_MS)).toBe(windowMs);
  });
});
