import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePlan } from '@crossfade/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPrometheusFleet } from '../../../packages/cli/src/fleet/prometheus-fleet.ts';
import { createPrometheusApi } from '../../../packages/cli/src/prometheus/prometheus-api.ts';
import { loopbackPort } from '../fixture/loopback-port.ts';
import { type Program, startProgram } from '../fixture/program.ts';
import { execute, missing } from '../fixture/real-part.ts';

const SCRAPE_SECONDS = 15;
const STEP_AGO_SECONDS = 600;
const PAST_SECONDS = 3000;

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
    const folder = mkdtempSync(join(tmpdir(), 'crossfade-step-'));
    const nowSeconds = Math.floor(Date.now() / 1000);
    const steppedMs = (nowSeconds - STEP_AGO_SECONDS) * 1000;
    let prometheus: Program;
    let url: string;

    beforeAll(async () => {
      writeFileSync(join(folder, 'scrapes.txt'), scrapes(nowSeconds));
      writeFileSync(join(folder, 'prometheus.yml'), 'scrape_configs: []\n');
      const filled = execute('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', 'scrapes.txt', 'data'], folder);
      expect(filled.code, filled.output).toBe(0);
      const port = await loopbackPort();
      url = `http://127.0.0.1:${port}`;
      const args = [
        '--config.file=prometheus.yml',
        '--storage.tsdb.path=data',
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=warn',
      ];
      prometheus = await startProgram('prometheus', args, {
        cwd: folder,
        ready: async () => (await fetch(`${url}/-/ready`)).ok,
      });
    });
    afterAll(async () => {
      await prometheus?.stop('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    });

    function open() {
      const idp = { issuer: 'https://idp.example.com' };
      const plan = parsePlan({
        ...{ version: 1, migration: 'orders', clients: [], flags: { source: 'file', path: './flags.json' } },
        legacy: { ...idp, audience: 'legacy' },
        target: { ...idp, audience: 'target' },
        gate: { prometheus: url },
      });
      return createPrometheusFleet(createPrometheusApi({ url, timeoutMs: 5000 }, new AbortController().signal), plan);
    }

    /** A few seconds have passed since the last scrape. */
    const about = (expected: number) => ({
      asymmetricMatch: (value: unknown) => Math.abs((value as number) - expected) <= Math.max(3, expected * 0.05),
      toString: () => `about ${expected}`,
    });

    it('counts each instance once, leaves out a brownout and requests without a token, and has newborn counters in full', async () => {
      const perScrape = STEP_AGO_SECONDS / SCRAPE_SECONDS;
      expect(await open().step?.(steppedMs, Date.now())).toEqual({
        kind: 'compared',
        windowMs: expect.any(Number),
        before: { requests: about((10 + 2 + 1) * perScrape), rejected: about(perScrape) },
        after: { requests: about((5 + 15 + 4 - 3) * perScrape), rejected: about((4 - 3) * perScrape) },
        validUnauthorized: 0,
        disagreements: about(perScrape),
      });
    });

    it('knows how many requests a brownout refused since it began', async () => {
      expect(await open().brownoutRefusals?.(steppedMs, Date.now())).toEqual(
        about((3 * STEP_AGO_SECONDS) / SCRAPE_SECONDS),
      );
    });
  },
);
