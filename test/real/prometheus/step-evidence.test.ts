import { parsePlan } from '@crossfade/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPrometheusFleet } from '../../../packages/cli/src/fleet/prometheus-fleet.ts';
import { createPrometheusApi } from '../../../packages/cli/src/prometheus/prometheus-api.ts';
import { missing } from '../fixture/real-part.ts';
import { type PastPrometheus, startPastPrometheus } from './fixture/past-prometheus.ts';

const SCRAPE_SECONDS = 15;
const STEP_AGO_SECONDS = 600;
const PAST_SECONDS = 3000;
const TRAFFIC = /^crossfade-level-1-traffic$/;

/** A counter: where it starts, what it adds a scrape before and after the step, and whether it is born after the step only. */
interface Counter {
  readonly name: string;
  readonly labels: string;
  readonly start?: number;
  readonly before?: number;
  readonly after: number;
  readonly isBornAfter?: boolean;
}

const requests = (more: string, before: number, after: number): Counter => ({
  name: 'crossfade_requests',
  labels: `migration="orders",service="s",${more}`,
  before,
  after,
});
const mints = (service: string, minted: string, before: number, after: number): Counter => ({
  name: 'crossfade_mints',
  labels: `migration="orders",service="${service}",job="web",instance="${service}",asked="target",minted="${minted}"`,
  before,
  after,
});
const COUNTERS: readonly Counter[] = [
  requests('job="api",instance="a",audience="legacy",outcome="accepted"', 10, 5),
  requests('job="again",instance="a",audience="legacy",outcome="accepted"', 10, 5),
  requests('job="api",instance="b",audience="target",outcome="accepted"', 2, 15),
  requests('job="api",instance="a",audience="legacy",outcome="rejected"', 1, 4),
  requests('job="api",instance="a",audience="none",outcome="rejected"', 50, 50),
  {
    ...{ name: 'crossfade_rejections', after: 3, isBornAfter: true },
    labels: 'migration="orders",service="s",job="api",instance="a",reason="brownout"',
  },
  {
    ...{ name: 'crossfade_rejections', before: 1, after: 1 },
    labels: 'migration="orders",service="s",job="api",instance="a",reason="expired"',
  },
  {
    ...{ name: 'crossfade_valid_unauthorized', start: 7, after: 0 },
    labels: 'migration="orders",service="s",job="api",instance="a",audience="legacy"',
  },
  {
    ...{ name: 'crossfade_disagreements', after: 1, isBornAfter: true },
    labels: 'migration="orders",service="s",job="api",instance="b",reason="expired"',
  },
  {
    ...{ name: 'crossfade_disagreements', before: 7, after: 7 },
    labels: 'migration="another",service="s",job="api",instance="b",reason="expired"',
  },
  mints('provider-refused-before', 'legacy', 5, 0),
  mints('provider-refuses-now', 'legacy', 0, 2),
  mints('provider-grants', 'target', 3, 3),
  { ...mints('one-token', 'legacy', 0, 0), isBornAfter: true, start: 1 },
];

/** What scrapes every 15 seconds have read until now, in OpenMetrics. */
function scrapes(nowSeconds: number): string {
  const families = [...new Set(COUNTERS.map(({ name }) => name))];
  const lines = families.flatMap((family) => [
    `# TYPE ${family} counter`,
    ...COUNTERS.filter(({ name }) => name === family).flatMap((counter) => samples(counter, nowSeconds)),
  ]);
  return `${lines.join('\n')}\n# EOF\n`;
}

function samples(
  { name, labels, start = 0, before = 0, after, isBornAfter = false }: Counter,
  nowSeconds: number,
): string[] {
  const lines: string[] = [];
  let value = start;
  for (let ago = PAST_SECONDS; ago >= 0; ago -= SCRAPE_SECONDS) {
    const isAfter = ago < STEP_AGO_SECONDS;
    value += isAfter ? after : before;
    if (isAfter || !isBornAfter) lines.push(`${name}_total{${labels}} ${value} ${nowSeconds - ago}`);
  }
  return lines;
}

describe.skipIf(missing('prometheus') || missing('promtool'))(
  'the evidence about a step ten minutes ago, in Prometheus',
  () => {
    const nowSeconds = Math.floor(Date.now() / 1000);
    // Between two scrapes.
    const steppedMs = (nowSeconds - STEP_AGO_SECONDS + 3) * 1000;
    let prometheus: PastPrometheus;

    beforeAll(async () => {
      prometheus = await startPastPrometheus(scrapes(nowSeconds), nowSeconds - PAST_SECONDS, nowSeconds, TRAFFIC);
    });
    afterAll(() => prometheus?.remove());

    const open = () => openFleet(prometheus.url);
    const issuance = (sinceMs: number) => ({ enabled: true, percent: 5, revision: '7', sinceMs });

    it('leaves out a brownout, requests without a token, and what was on the other side of the step; an instance that two jobs scrape counts twice, before and after', async () => {
      const perScrape = STEP_AGO_SECONDS / SCRAPE_SECONDS;
      expect(await open().step?.(steppedMs, Date.now())).toEqual({
        kind: 'compared',
        windowMs: expect.any(Number),
        before: { requests: about((10 + 10 + 2 + 1) * perScrape), rejected: about(perScrape) },
        after: { requests: about((5 + 5 + 15 + 4 - 3) * perScrape), rejected: about((4 - 3) * perScrape) },
        validUnauthorized: 0,
        disagreements: about(perScrape),
      });
    });

    it('knows how many requests a brownout refused since it began', async () => {
      expect(await open().brownoutRefusals?.(steppedMs, Date.now())).toEqual(
        about((3 * STEP_AGO_SECONDS) / SCRAPE_SECONDS),
      );
    });

    it('has the tokens that the provider minted for legacy since the step, and none of before it', async () => {
      expect(await open().minting(issuance(steppedMs), Date.now())).toEqual({
        kind: 'counted',
        windowMs: expect.any(Number),
        target: about((3 * STEP_AGO_SECONDS) / SCRAPE_SECONDS),
        unknown: 0,
        legacy: { 'provider-refuses-now': about((2 * STEP_AGO_SECONDS) / SCRAPE_SECONDS), 'one-token': 1 },
      });
    });

    it('has the rates of the last five minutes', async () => {
      const rates = await open().rates?.();
      expect(rates?.perSecond['target']).toBeCloseTo(15 / SCRAPE_SECONDS, 1);
    });
  },
);

describe.skipIf(missing('prometheus') || missing('promtool'))('a Prometheus that no rule was loaded in', () => {
  const nowSeconds = Math.floor(Date.now() / 1000);
  let prometheus: PastPrometheus;

  beforeAll(async () => {
    prometheus = await startPastPrometheus(scrapes(nowSeconds), nowSeconds - PAST_SECONDS, nowSeconds, undefined);
  });
  afterAll(() => prometheus?.remove());

  it('has no evidence about a step ten minutes ago, and the reason asks to load them', async () => {
    const fleet = openFleet(prometheus.url);
    const steppedMs = (nowSeconds - STEP_AGO_SECONDS) * 1000;
    expect(await fleet.step?.(steppedMs, Date.now())).toEqual({
      kind: 'unknown',
      why: expect.stringContaining('load deploy/prometheus/crossfade.rules.yml'),
    });
    const issuance = { enabled: true, percent: 5, revision: '7', sinceMs: steppedMs };
    expect(await fleet.minting(issuance, Date.now())).toMatchObject({ kind: 'unrecorded' });
    expect(await fleet.rates?.()).toBeNull();
  });

  it('has that about a step four minutes ago: the counters of a small fleet tell', async () => {
    const fleet = openFleet(prometheus.url);
    const steppedMs = Date.now() - 240_000;
    expect(await fleet.step?.(steppedMs, Date.now())).toMatchObject({
      kind: 'compared',
      after: { requests: about(((5 + 15 + 4 - 3) * 240) / SCRAPE_SECONDS) },
    });
    const issuance = { enabled: true, percent: 5, revision: '7', sinceMs: steppedMs };
    expect(await fleet.minting(issuance, Date.now())).toMatchObject({
      legacy: { 'provider-refuses-now': about((2 * 240) / SCRAPE_SECONDS) },
    });
  });
});

function openFleet(url: string) {
  const idp = { issuer: 'https://idp.example.com' };
  const plan = parsePlan({
    ...{ version: 1, migration: 'orders', clients: [], flags: { source: 'file', path: './flags.json' } },
    legacy: { ...idp, audience: 'legacy' },
    target: { ...idp, audience: 'target' },
    gate: { prometheus: url },
  });
  return createPrometheusFleet(createPrometheusApi({ url, timeoutMs: 5000 }, new AbortController().signal), plan);
}

/** A few seconds have passed since the last scrape, and a restart of Prometheus. */
function about(expected: number) {
  return {
    asymmetricMatch: (value: unknown) => Math.abs((value as number) - expected) <= Math.max(3, expected * 0.08),
    toString: () => `about ${expected}`,
  };
}
