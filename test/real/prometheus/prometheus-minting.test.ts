import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { createClientMetrics } from '@crossfade/client/prometheus';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { mintQueries } from '../../../packages/cli/src/fleet/prometheus-minting.ts';
import { type PrometheusProgram, startPrometheus } from '../fixture/prometheus-program.ts';
import { execute, missing } from '../fixture/real-part.ts';

const { mints } = mintQueries({ migration: 'm' }, 300_000);

function series(values: string, instance = 'a', more = '', minted = 'legacy'): { series: string; values: string } {
  const labels = `migration="m",service="s",instance="${instance}",asked="target",minted="${minted}"${more}`;
  return { series: `crossfade_mints_total{${labels}}`, values };
}

describe.skipIf(missing('promtool'))('the count of minted legacy tokens since the last move, five minutes ago', () => {
  it.each([
    ['is 0 for what was counted before', [series('7x240')], 0],
    ['is what was counted since', [series('7x236 8x1 9x1')], 2],
    ['has a counter that is born at 3 in full', [series('_x237 3x2')], 3],
    ['has a counter that is born at 3 and began again in full', [series('_x236 3x1 0x1')], 3],
    ['has an instance that is gone, and extrapolates from its last minutes', [series('0x235 4x1 _x3')], 5],
    ['has both lives of an instance that restarted', [series('5x236 7x1 1x1')], 3],
    ['has a process that restarted as the window began', [series('5x233 _x2 2x4')], 2],
    ['has no counter that was not scraped for a while', [series('5x220 _x15 5x4')], 0],
    ['has an instance once that two jobs scrape', [series('0x236 2x3'), series('0x236 2x3', 'a', ',job="again"')], 2],
    ['adds up instances', [series('0x236 2x3'), series('0x236 1x3', 'b')], 3],
  ])('%s', (_what, input, expected) => {
    const folder = mkdtempSync(join(tmpdir(), 'crossfade-mints-'));
    try {
      const rules = { groups: [{ name: 'mints', rules: [{ record: 'mints', expr: `round(${mints})` }] }] };
      writeFileSync(join(folder, 'rules.yml'), JSON.stringify(rules));
      const labels = 'mints{service="s",minted="legacy"}';
      const check = { expr: 'mints', eval_time: '240m', exp_samples: [{ labels, value: expected }] };
      const test = { interval: '1m', input_series: input, promql_expr_test: [check] };
      writeFileSync(
        join(folder, 'test.yml'),
        JSON.stringify({ rule_files: ['rules.yml'], evaluation_interval: '1m', tests: [test] }),
      );
      const { code, output } = execute('promtool', ['test', 'rules', 'test.yml'], folder);
      expect(code, output).toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

const CLI = resolve(import.meta.dirname, '../../../packages/cli/bin/crossfade.js');
const POLLING = { timeout: 20_000, interval: 200 };
const MISMATCH = { type: 'mint', use: 'machine', asked: 'target', minted: 'legacy', revision: '7' } as const;

describe.skipIf(missing('prometheus'))('an application whose client counts, and that Prometheus scrapes', () => {
  let registry = new Registry();
  const app = createServer((_request, response) => {
    registry.metrics().then((text) => response.setHeader('content-type', registry.contentType).end(text));
  });
  let prometheus: PrometheusProgram;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'crossfade-minting-'));
    await new Promise<void>((listening) => app.listen(0, '127.0.0.1', listening));
    prometheus = await startPrometheus({ adminPort: (app.address() as AddressInfo).port });
    const idp = { issuer: 'https://idp.example.com' };
    const plan = {
      ...{ version: 1, migration: 'orders', clients: [] },
      legacy: { ...idp, audience: 'legacy', tokenLifetime: '1h', sessionLifetime: '1h' },
      target: { ...idp, audience: 'target' },
      flags: { source: 'file', path: './flags.json' },
      gate: { prometheus: prometheus.url },
    };
    writeFileSync(join(folder, 'crossfade.yaml'), JSON.stringify(plan));
    const since = new Date().toISOString();
    writeFileSync(
      join(folder, 'flags.json'),
      JSON.stringify({ 'issue-target': { enabled: true, percent: 25, revision: '7', since } }),
    );
  });
  afterAll(async () => {
    await prometheus?.remove();
    await new Promise((closed) => app.close(closed));
    rmSync(folder, { recursive: true, force: true });
  });

  /** Beside this process, which responds to scrapes meanwhile. */
  async function crossfade(...argv: readonly string[]): Promise<{ code: unknown; json: Record<string, unknown> }> {
    const run = promisify(execFile)(process.execPath, [CLI, ...argv, '--json'], { cwd: folder });
    const { code = 0, stdout } = (await run.catch((error: { code?: unknown; stdout: string }) => error)) as {
      code?: unknown;
      stdout: string;
    };
    return { code, json: JSON.parse(stdout) };
  }

  function newProcess() {
    registry = new Registry();
    return createClientMetrics({ registry, migration: 'orders', service: 'nightly' });
  }

  const alert = () => prometheus.value('ALERTS{alertname="CrossfadeMintedLegacy",service="nightly"}');

  it('is unknown before it counts, and then known to mint nothing wrong', async () => {
    expect((await crossfade('status')).json).toMatchObject({ minting: null });
    newProcess();
    await vi.waitFor(async () => {
      expect((await crossfade('status')).json).toMatchObject({ minting: { target: 0, legacy: 0, services: {} } });
    }, POLLING);
    expect(await alert()).toBeUndefined();
  });

  it('stops an advance after one legacy token, also of a process that is gone since', async () => {
    newProcess().onEvent(MISMATCH);
    await vi.waitFor(async () => {
      const { code, json } = await crossfade('advance', '--to', '50', '--yes');
      expect(json).toMatchObject({ outcome: 'refused', minting: { legacy: 1, services: { nightly: 1 } } });
      expect((json['refusals'] as { guard: string }[]).map(({ guard }) => guard)).toContain('minting');
      expect(code).toBe(1);
      expect(await alert()).toBe(1);
    }, POLLING);
    newProcess();
    await vi.waitFor(async () => {
      expect(await prometheus.value('crossfade_mints_total{asked="target",minted="legacy"}')).toBe(0);
    }, POLLING);
    expect((await crossfade('status')).json).toMatchObject({ minting: { legacy: 1 } });
  });
});
