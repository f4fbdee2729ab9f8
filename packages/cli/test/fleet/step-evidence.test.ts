import { parsePlan } from '@crossfade/core';
import { describe, expect, it } from 'vitest';
import { createPrometheusFleet } from '../../src/fleet/prometheus-fleet.ts';
import { brownoutQuery, stepQueries, stepWindowMs } from '../../src/fleet/step-evidence.ts';
import { apiAt, startPrometheus } from '../fixture/prometheus.ts';
import { NOW_MS, PLAN } from '../fixture/workplace.ts';

const plan = parsePlan(PLAN);
const HOUR_MS = 3_600_000;

describe('the evidence about the last step in Prometheus', () => {
  it('has two windows as long as the step is old, right before and right after it', async () => {
    const steppedMs = NOW_MS - HOUR_MS;
    const prometheus = await startPrometheus(stepQueries(plan, steppedMs, NOW_MS));
    Object.assign(prometheus.results, {
      requestsBefore: [
        [{ outcome: 'accepted' }, 990.4],
        [{ outcome: 'rejected' }, 9.6],
      ],
      requestsAfter: [[{ outcome: 'accepted' }, 500]],
      refusedSinceStep: [[{}, 2.2]],
    });
    const fleet = createPrometheusFleet(apiAt(prometheus.url), plan);
    expect(await fleet.step?.(steppedMs, NOW_MS)).toEqual({
      kind: 'compared',
      windowMs: HOUR_MS,
      before: { requests: 1000, rejected: 10 },
      after: { requests: 500, rejected: 0 },
      validUnauthorized: 3,
      disagreements: 0,
    });
  });

  it('leaves out what a brownout refused, before and after', async () => {
    const steppedMs = NOW_MS - HOUR_MS;
    const prometheus = await startPrometheus(stepQueries(plan, steppedMs, NOW_MS));
    const counts = (rejected: number): (readonly [{ outcome: string }, number])[] => [
      [{ outcome: 'accepted' }, 1000],
      [{ outcome: 'rejected' }, rejected],
    ];
    Object.assign(prometheus.results, {
      requestsBefore: counts(10),
      requestsAfter: counts(60.3),
      brownoutBefore: [[{}, 4]],
      brownoutAfter: [[{}, 50.1]],
    });
    const fleet = createPrometheusFleet(apiAt(prometheus.url), plan);
    expect(await fleet.step?.(steppedMs, NOW_MS)).toMatchObject({
      before: { requests: 1006, rejected: 6 },
      after: { requests: 1010, rejected: 10 },
    });
  });

  it('counts what a brownout refused since it began', async () => {
    const prometheus = await startPrometheus({ brownoutRefused: brownoutQuery(plan, 90_000) });
    const fleet = createPrometheusFleet(apiAt(prometheus.url), plan);
    expect(await fleet.brownoutRefusals?.(NOW_MS - 90_000, NOW_MS)).toBe(0);
    prometheus.results.brownoutRefused = [[{}, 12.2]];
    expect(await fleet.brownoutRefusals?.(NOW_MS - 90_000, NOW_MS)).toBe(12);
  });

  it('looks at most gate.silence far, right around the step', () => {
    const steppedMs = NOW_MS - 72 * HOUR_MS;
    expect(stepWindowMs(plan, steppedMs, NOW_MS)).toBe(24 * HOUR_MS);
    const { requestsBefore, requestsAfter } = stepQueries(plan, steppedMs, NOW_MS);
    expect(requestsBefore).toContain('[86400s] offset 259200s');
    expect(requestsAfter).toContain('[86400s] offset 172800s');
  });
});

it('has no offset of 0, which Prometheus refuses, within gate.silence of a step', () => {
  const queries = stepQueries(
    { migration: 'orders', gate: { silenceMs: 86_400_000, coverage: 1, blindMs: 300_000, soakMs: 0 } },
    0,
    60_000,
  );
  expect(Object.values(queries).join()).not.toMatch(/offset 0/);
});
