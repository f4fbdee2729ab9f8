import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type CountingApi, countingPlan, startCountingApi, writeFlags } from '../fixture/counting-api.ts';
import { type Issuer, LEGACY, startIssuer, TARGET } from '../fixture/issuer.ts';
import { type PrometheusProgram, startPrometheus } from '../fixture/prometheus-program.ts';
import { missing } from '../fixture/real-part.ts';

const CLI = resolve(import.meta.dirname, '../../../packages/cli/bin/crossfade.js');
const PLAN = { gate: { silence: '3s' } };
const ALL_TO_TARGET = { 'issue-target': { enabled: true, percent: 100 }, 'accept-legacy': { enabled: true } };
const POLLING = { timeout: 40_000, interval: 250 };

describe.skipIf(missing('prometheus'))('an API that counts by itself, without a sidecar', () => {
  let folder: string;
  let issuer: Issuer;
  let apis: readonly CountingApi[] = [];
  let prometheus: PrometheusProgram;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'crossfade-counting-'));
    writeFlags(folder, ALL_TO_TARGET);
    issuer = await startIssuer();
    const options = { issuer: issuer.url, folder, plan: PLAN };
    apis = [await startCountingApi(options), await startCountingApi(options)];
    prometheus = await startPrometheus(...apis);
    const plan = countingPlan({ ...options, plan: { gate: { ...PLAN.gate, prometheus: prometheus.url } } });
    writeFileSync(join(folder, 'crossfade.yaml'), JSON.stringify(plan));
  });
  afterAll(async () => {
    await Promise.all(apis.map((api) => api.crash()));
    await prometheus?.remove();
    await issuer?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs the CLI without blocking the APIs, which live in this process. */
  async function crossfade(...argv: readonly string[]) {
    const args = [CLI, ...argv, '--json', '--config', join(folder, 'crossfade.yaml')];
    const run = promisify(execFile)(process.execPath, args).then(({ stdout }) => ({ stdout, code: 0 }));
    const { stdout, code } = await run.catch((error: { stdout: string; code: number }) => error);
    return { code, json: JSON.parse(stdout) };
  }

  /** Sends a token to each instance that takes requests. */
  async function request(audience: string, status = 200): Promise<void> {
    const exp = Math.floor(Date.now() / 1000) + 3;
    const authorization = `Bearer ${await issuer.mint(audience, { exp })}`;
    for (const { url } of apis) {
      const response = await fetch(`${url}/orders`, { headers: { authorization } });
      await response.text();
      expect(response.status).toBe(status);
    }
  }

  const drained = () => prometheus.value('crossfade:drained:bool');
  const checkOf = (json: Gate, name: string) => json.checks.find((check) => check.name === name)?.verdict;

  it('is found and watched as meters of its service are, whatever default labels its registry has', async () => {
    await request(TARGET);
    await vi.waitFor(async () => {
      expect(await prometheus.value('crossfade:watched_instances:sum{service="orders-api"}')).toBe(2);
      expect(await prometheus.value('crossfade:watched:bool')).toBe(1);
    }, POLLING);
    expect(await prometheus.value('count(process_cpu_seconds_total{app="orders",service="the-application"})')).toBe(2);
    const { code, json } = await crossfade('status');
    expect(code).toBe(0);
    expect(json.fleet).toMatchObject({ expected: 2, responding: 2, acceptingTarget: 2 });
    expect(json.acceptance).toBe('both');
  }, 60_000);

  it('is not drained, and fails the gate, after a legacy token', async () => {
    await request(LEGACY);
    await vi.waitFor(async () => expect(await drained()).toBe(0), POLLING);
    await request(LEGACY);
    const { code, json } = await crossfade('gate');
    expect(checkOf(json, 'silence')).toBe('fail');
    expect(code).toBe(1);
  }, 60_000);

  it('is drained once no legacy token came in the window, and the gate passes', async () => {
    await vi.waitFor(async () => {
      await request(TARGET);
      expect(await drained()).toBe(1);
      const { code, json } = await crossfade('gate');
      expect(json.verdict).toBe('pass');
      expect(code).toBe(0);
    }, POLLING);
  }, 60_000);

  it('confirms a close: each instance refuses legacy tokens, and shows it', async () => {
    await request(TARGET);
    const { code, json } = await crossfade('close', '--yes', '--legacy', LEGACY);
    expect(code, JSON.stringify(json)).toBe(0);
    await request(LEGACY, 401);
    await vi.waitFor(async () => {
      expect(await prometheus.value('sum(crossfade_rejections_total{reason="legacy_closed"})')).toBe(2);
      expect(await prometheus.value('max(crossfade_accepts{audience="legacy"})')).toBe(0);
    }, POLLING);
  }, 60_000);

  it('ends without a loss after its last scrape, and with one where it crashes', async () => {
    const [ending, crashing] = apis;
    apis = [];
    expect(await ending?.end()).toBe('scraped');
    const final = 'sum(max_over_time(crossfade_process_final[1m]))';
    await vi.waitFor(async () => expect(await prometheus.value(final)).toBe(1), POLLING);
    await crashing?.crash();
    await vi.waitFor(async () => expect(await prometheus.value('crossfade:lost_instances:count5m')).toBe(1), POLLING);
  }, 60_000);
});

interface Gate {
  readonly checks: readonly { readonly name: string; readonly verdict: string }[];
}
