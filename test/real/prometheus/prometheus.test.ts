import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Issuer, LEGACY, startIssuer, TARGET } from '../fixture/issuer.ts';
import { type PrometheusProgram, startPrometheus } from '../fixture/prometheus-program.ts';
import { execute, missing } from '../fixture/real-part.ts';
import { type RecordingApi, startRecordingApi } from '../fixture/recording-api.ts';
import { type SidecarProgram, startSidecarProgram } from '../fixture/sidecar-program.ts';

const CLI = resolve(import.meta.dirname, '../../../packages/cli/bin/crossfade.js');
const ALL_TO_TARGET = { 'issue-target': { enabled: true, percent: 100 }, 'accept-legacy': { enabled: true } };
const POLLING = { timeout: 20_000, interval: 200 };
const HOSTILE = 2_000;
const MAX_SERIES = 2_000;
const MAX_SCRAPE_MS = 100;

describe.skipIf(missing('prometheus') || missing('promtool'))('a sidecar that Prometheus scrapes', () => {
  let issuer: Issuer;
  let api: RecordingApi;
  let sidecar: SidecarProgram;
  let prometheus: PrometheusProgram;
  let target: string;

  beforeAll(async () => {
    [issuer, api] = await Promise.all([startIssuer(), startRecordingApi()]);
    target = await issuer.mint(TARGET);
    sidecar = await startSidecarProgram({
      issuer: issuer.url,
      mode: 'proxy',
      upstream: api.url,
      flags: ALL_TO_TARGET,
      plan: {
        legacy: { issuer: issuer.url, audience: LEGACY, tokenLifetime: '1s', sessionLifetime: '1s' },
        clockTolerance: '1s',
        gate: { silence: '2s' },
      },
    });
    prometheus = await startPrometheus(sidecar);
  });
  afterAll(async () => {
    await prometheus?.remove();
    await sidecar?.remove();
    await Promise.all([issuer?.close(), api?.close()]);
  });

  async function request(token: string): Promise<void> {
    const response = await fetch(`http://127.0.0.1:${sidecar.port}/orders`, {
      headers: { authorization: `Bearer ${token}` },
    });
    await response.text();
    expect(response.status).toBe(200);
  }

  /** Runs `crossfade gate` with the sidecar's plan and this Prometheus. */
  function gate(): {
    code: number;
    checks: Readonly<Record<string, string>>;
    reasons?: Readonly<Record<string, number>>;
  } {
    const planPath = join(dirname(sidecar.planPath), 'gate.yaml');
    const plan = JSON.parse(readFileSync(sidecar.planPath, 'utf8')) as { legacy: object };
    const legacy = { ...plan.legacy, tokenLifetime: '1s' };
    const quick = { legacy, clockTolerance: '5s', gate: { silence: '1h', prometheus: prometheus.url } };
    writeFileSync(planPath, JSON.stringify({ ...plan, ...quick }));
    const { code, output } = execute(
      process.execPath,
      [CLI, 'gate', '--config', planPath, '--json'],
      dirname(planPath),
    );
    const { checks = [], disagreements } = JSON.parse(output.slice(0, output.lastIndexOf('}') + 1)) as {
      checks?: readonly { readonly name: string; readonly verdict: string }[];
      disagreements?: { readonly reasons: Readonly<Record<string, number>> };
    };
    return { code, checks: Object.fromEntries(checks.map(({ name, verdict }) => [name, verdict])), ...disagreements };
  }

  const drained = () => prometheus.value('crossfade:drained:bool');
  const alert = (what: string) => `ALERTS{alertname="CrossfadeDisagreement",what=~"${what}"}`;
  const check = (name: string) => prometheus.value(`crossfade:drain_check:bool{check="${name}"}`);

  it('is expected, found and watched', async () => {
    await vi.waitFor(async () => {
      expect(await prometheus.value('crossfade:expected_instances:sum')).toBe(1);
      expect(await prometheus.value('crossfade:watched:ratio')).toBe(1);
      expect(await prometheus.value('crossfade:watched:bool')).toBe(1);
      expect(await check('silence')).toBe(1);
    }, POLLING);
    await vi.waitFor(async () => expect(await check('sessions')).toBe(1), POLLING);
  });

  it('leaves the gate inconclusive while the watch is young and no legacy token was seen', async () => {
    await request(target);
    await vi.waitFor(() => {
      const { code, checks } = gate();
      expect(checks).toMatchObject({ watched: 'inconclusive', silence: 'pass', target_traffic: 'pass' });
      expect(code).toBe(4);
    }, POLLING);
  });

  it('is not drained, and fails the gate, while valid legacy tokens arrive; forged ones are none', async () => {
    const forged = await issuer.forge(LEGACY);
    for (let count = 0; count < 20; count += 1) await request(forged);
    await vi.waitFor(async () => {
      const rejected = 'crossfade_requests_total{audience="invalid",outcome="rejected"}';
      expect(await prometheus.value(rejected)).toBeGreaterThanOrEqual(20);
    }, POLLING);
    expect(await prometheus.value('crossfade:legacy_accepted:increase5m')).toBe(0);
    expect(gate().checks).toMatchObject({ silence: 'pass' });
    await vi.waitFor(async () => {
      await request(forged);
      await request(target);
      expect(await check('disagreements')).toBeUndefined();
      expect(await drained()).toBeUndefined();
      expect(await prometheus.value(alert('unverified_disagreement'))).toBe(1);
    }, POLLING);
    const { checks: inconclusive, reasons } = gate();
    expect(inconclusive).toMatchObject({ disagreements: 'inconclusive' });
    // The first sample of the counter was above 0 already: it counts in full.
    expect(reasons?.['bad_signature']).toBeGreaterThanOrEqual(20);

    const exp = Math.floor(Date.now() / 1000) + 8;
    await request(await issuer.mint(LEGACY, { exp }));
    await vi.waitFor(async () => {
      await request(target);
      expect(await check('silence')).toBe(0);
      expect(await drained()).toBe(0);
      const { code, checks } = gate();
      expect(checks).toMatchObject({ silence: 'fail' });
      expect(code).toBe(1);
    }, POLLING);
  });

  it('is drained once no legacy token arrived in the window, and the last one has expired', async () => {
    await vi.waitFor(async () => {
      await request(target);
      expect(await drained()).toBe(1);
      expect(await prometheus.value(`count(${alert('.*')})`)).toBeUndefined();
    }, POLLING);
    expect(await check('expiry')).toBe(1);
  });

  it('is not drained, with an alert, for a window after the API accepted a verified token that the plan refuses', async () => {
    const elsewhere = await issuer.mint('https://api.example.com/elsewhere');
    await vi.waitFor(async () => {
      await request(elsewhere);
      expect(await check('disagreements')).toBe(0);
      expect(await drained()).toBe(0);
      expect(await prometheus.value(alert('verified_disagreement'))).toBe(1);
    }, POLLING);
    expect(gate().checks).toMatchObject({ disagreements: 'fail' });
    await vi.waitFor(async () => {
      await request(target);
      expect(await drained()).toBe(1);
    }, POLLING);
  });

  it('has a scrape without promtool findings, below 100 ms and 2,000 series whatever clients send', async () => {
    const own = { jti: undefined, sub: undefined };
    for (let count = 0; count < HOSTILE; count += 50) {
      const tokens = Array.from({ length: 50 }, (_, index) => hostileToken(issuer, count + index, own));
      await Promise.all((await Promise.all(tokens)).map(request));
    }
    await vi.waitFor(async () => {
      const { audiences } = await sidecar.status();
      const counted = Object.values(audiences).reduce((sum, { accepted, rejected }) => sum + accepted + rejected, 0);
      expect(counted).toBe(api.seen.length);
    }, POLLING);

    const tookMs: number[] = [];
    let text = '';
    for (let count = 0; count < 21; count += 1) {
      const startedMs = performance.now();
      text = await (await fetch(`${sidecar.adminUrl}/metrics`)).text();
      tookMs.push(performance.now() - startedMs);
    }
    const [median = Number.NaN] = tookMs.toSorted((one, other) => one - other).slice(10);
    const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
    process.stdout.write(
      `scrape: ${series} series after ${api.seen.length} requests, ${HOSTILE} of them hostile; median of 21 ${median.toFixed(1)} ms, longest ${Math.max(...tookMs).toFixed(1)} ms\n`,
    );
    expect(series).toBeLessThanOrEqual(MAX_SERIES);
    expect(median).toBeLessThan(MAX_SCRAPE_MS);
    expect(text).not.toMatch(/hostile|mallory/);

    const path = join(dirname(sidecar.planPath), 'metrics.txt');
    writeFileSync(path, text);
    expect(execute('sh', ['-c', 'promtool check metrics <"$0"', path], dirname(path))).toEqual({ code: 0, output: '' });
  });

  it('leaves unknown what it would see after it was killed, but not that a legacy token it saw is still valid', async () => {
    await sidecar.stop('SIGKILL');
    await vi.waitFor(async () => {
      // The watch goes on for as long as `blind` bridges.
      for (const name of ['coverage', 'target_traffic']) expect(await check(name), name).toBeUndefined();
    }, POLLING);
    expect(await check('expiry')).toBe(0);
    expect(await drained()).toBe(0);
    expect(gate().code).not.toBe(0);
  });

  it('makes the gate exit with 3 and without checks while Prometheus is down', async () => {
    await prometheus.stop();
    expect(gate()).toEqual({ code: 3, checks: {} });
  });
});

/** Mints a token that would need a label of its own, by client, audience or scope, or returns a text that is no token. */
function hostileToken(issuer: Issuer, index: number, own: Readonly<Record<string, undefined>>): Promise<string> {
  const name = `hostile-${index}"} 1\nmallory{`;
  switch (index % 4) {
    case 0:
      return issuer.mint(LEGACY, { ...own, client_id: name, scope: name });
    case 1:
      return issuer.mint(name, { ...own, client_id: name });
    case 2:
      return issuer.forge(TARGET, { ...own, client_id: name });
    default:
      return Promise.resolve(`hostile-${index}`);
  }
}
