import { parsePlan } from '@crossfade/core';
import { describe, expect, it } from 'vitest';
import { createPrometheusFleet } from '../../src/fleet/prometheus-fleet.ts';
import { stepQueries, stepWindowMs } from '../../src/fleet/step-evidence.ts';
import { brownoutQuery } from '../../src/prometheus/brownout-refusals.ts';
import { evaluationsIn } from '../../src/prometheus/recorded-window.ts';
import { apiAt, startPrometheus } from '../fixture/prometheus.ts';
import { NOW_MS, PLAN } from '../fixture/workplace.ts';

const plan = parsePlan(PLAN);
const HOUR_MS = 3_600_000;
const NOW_SECONDS = NOW_MS / 1000;

async function startFleet(ageMs: number) {
  const steppedMs = NOW_MS - ageMs;
  const seconds = stepWindowMs(plan, steppedMs, NOW_MS) / 1000;
  const prometheus = await startPrometheus({
    ...stepQueries(plan, steppedMs, NOW_MS),
    stepRecorded: evaluationsIn(
      { migration: plan.migration, name: 'requests:rate5m' },
      { seconds, endedSecondsAgo: 0 },
    ),
  });
  const fleet = createPrometheusFleet(apiAt(prometheus.url), plan);
  return { prometheus, step: () => fleet.step?.(steppedMs, NOW_MS) };
}

describe('the evidence about the last step in Prometheus', () => {
  it('has two windows as long as the step is old, right before and right after it', async () => {
    const { prometheus, step } = await startFleet(HOUR_MS);
    Object.assign(prometheus.results, {
      stepRecorded: [[{}, 55]],
      requestsBefore: [
        [{ outcome: 'accepted' }, 990.4],
        [{ outcome: 'rejected' }, 9.6],
      ],
      requestsAfter: [[{ outcome: 'accepted' }, 500]],
      refusedSinceStep: [[{}, 2.2]],
    });
    expect(await step()).toEqual({
      kind: 'compared',
      windowMs: HOUR_MS,
      before: { requests: 1000, rejected: 10 },
      after: { requests: 500, rejected: 0 },
      validUnauthorized: 3,
      disagreements: 0,
    });
  });

  it('leaves out what a brownout refused, before and after', async () => {
    const { prometheus, step } = await startFleet(HOUR_MS);
    const counts = (rejected: number): (readonly [{ outcome: string }, number])[] => [
      [{ outcome: 'accepted' }, 1000],
      [{ outcome: 'rejected' }, rejected],
    ];
    Object.assign(prometheus.results, {
      stepRecorded: [[{}, 55]],
      requestsBefore: counts(10),
      requestsAfter: counts(60.3),
      brownoutBefore: [[{}, 4]],
      brownoutAfter: [[{}, 50.1]],
    });
    expect(await step()).toMatchObject({
      before: { requests: 1006, rejected: 6 },
      after: { requests: 1010, rejected: 10 },
    });
  });

  it('is unknown where no rule has recorded anything since', async () => {
    const { prometheus, step } = await startFleet(HOUR_MS);
    prometheus.results.requestsBefore = [[{ outcome: 'accepted' }, 990.4]];
    expect(await step()).toEqual({
      kind: 'unknown',
      why: expect.stringMatching(/no crossfade:requests:rate5m since then: load deploy\/prometheus\/crossfade\.rules/),
    });
  });

  it('counts by the counters of a small fleet within the first minutes', async () => {
    const { prometheus, step } = await startFleet(200_000);
    prometheus.results.size = [[{}, 20]];
    prometheus.results.requestsAfter = [[{ outcome: 'accepted' }, 500]];
    expect(await step()).toMatchObject({ kind: 'compared', windowMs: 200_000, after: { requests: 500, rejected: 0 } });
  });

  it('says from when on the first minutes of a large fleet can be told', async () => {
    const { prometheus, step } = await startFleet(200_000);
    prometheus.results.size = [[{}, 21]];
    expect(await step()).toEqual({
      kind: 'unknown',
      why: `the recorded rates look back 5 minutes, and tell before and after apart from ${new Date(NOW_MS + 220_000).toISOString()} on`,
    });
  });

  it('says that a short gate.silence is too short for a large fleet', async () => {
    const prometheus = await startPrometheus({});
    prometheus.results.size = [[{}, 21]];
    const brief = parsePlan({ ...PLAN, gate: { silence: '5m' } });
    const fleet = createPrometheusFleet(apiAt(prometheus.url), brief);
    expect(await fleet.step?.(NOW_MS - HOUR_MS, NOW_MS)).toEqual({
      kind: 'unknown',
      why: 'the recorded rates need a gate.silence of 7m to tell before and after apart, and it is 5m',
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
    // Each evaluation looks back five minutes: the first ones would see what was before the window.
    expect(requestsBefore).toContain('[86100s] offset 259200s');
    expect(requestsAfter).toContain('[86100s] offset 172800s');
  });

  it('has at least one refusal where the last moment tells of one, and no rate does', () => {
    const { refusedSinceStep } = stepQueries(plan, NOW_MS - HOUR_MS, NOW_MS);
    expect(refusedSinceStep).toContain(
      `crossfade:last:timestamp{migration="${plan.migration}",what=~"valid_unauthorized"}) >= bool ${NOW_SECONDS - 3600}`,
    );
  });
});

describe.each([1000, 60_000, 299_000, 301_000, 419_000, 420_000, HOUR_MS, 30 * HOUR_MS])(
  'a step %d ms ago',
  (ageMs) => {
    const queries = [
      ...Object.values(stepQueries(plan, NOW_MS - ageMs, NOW_MS)),
      brownoutQuery(plan, Math.min(ageMs, HOUR_MS)),
    ].join('\n');

    it('has no offset of 0, which Prometheus refuses', () => {
      expect(queries).not.toMatch(/offset 0/);
    });

    it('reads no range of what instances show that is longer than five minutes, but an hour before it', () => {
      const ranges = [...queries.matchAll(/crossfade_\w+\{[^}]*\}\[(\w+)\]/g)].map(([, range = '']) => range);
      expect(ranges.filter((range) => range !== '1h' && Number.parseInt(range, 10) > 300)).toEqual([]);
    });

    it('reads a range of recorded series that begins at least five minutes after its window', () => {
      const ranges = [...queries.matchAll(/crossfade:\w+:\w+\{[^}]*\}\[(\d+)s\]/g)].map(([, range]) => Number(range));
      const longest = Math.ceil(Math.min(ageMs, 24 * HOUR_MS) / 1000) - 300;
      expect(ranges.filter((range) => range > longest || range < 120)).toEqual([]);
    });
  },
);
