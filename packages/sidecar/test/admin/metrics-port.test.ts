import type { SidecarPlan } from '@crossfade/core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { serveCollector } from '../../src/collect/serve-collector.ts';
import { SILENT_LOG } from '../../src/process/log.ts';
import type { Sidecar } from '../../src/process/sidecar.ts';
import { createSettableFlags } from '../fixture/flags.ts';
import { sendRequest } from '../fixture/http.ts';
import { planOf, startTestbed } from '../fixture/testbed.ts';

const TOKEN = 'read-token-of-this-test';
const LISTS = ['/status', '/stragglers', '/census'];

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

async function startDataPort(settings: Partial<SidecarPlan>, environment: Record<string, string>): Promise<Sidecar> {
  const testbed = await startTestbed({ metrics: '127.0.0.1:0', ...settings }, { environment });
  cleanups.push(() => testbed.close());
  return testbed.sidecar;
}

async function startCollector(environment: Record<string, string>): Promise<Sidecar> {
  const places = { issuer: 'http://127.0.0.1:9', upstream: 'http://127.0.0.1:9', flags: './flags.json' };
  const plan = planOf(places, { mode: 'collect', metrics: '127.0.0.1:0' });
  const { sidecar: settings } = plan;
  if (settings === undefined) throw new Error('the plan has a sidecar section');
  const parts = { plan, settings, flags: createSettableFlags(), log: SILENT_LOG, now: Date.now, environment };
  const collector = await serveCollector(parts);
  cleanups.push(() => collector.close());
  return collector;
}

describe.each([
  ['proxy', LISTS, (environment: Record<string, string>) => startDataPort({}, environment)],
  [
    'forward-auth',
    LISTS,
    (environment: Record<string, string>) => startDataPort({ mode: 'forward-auth' }, environment),
  ],
  ['collect', ['/status', '/stragglers'], startCollector],
] as const)('the metrics port in %s mode', (_mode, lists, start) => {
  test('serves metrics and health to every scraper, and nothing that names a client', async () => {
    const { metricsUrl, adminUrl } = await start({});
    expect(metricsUrl).not.toBe(adminUrl);
    const metrics = await sendRequest(`${metricsUrl}/metrics`);
    expect(metrics.headers).toMatchObject({
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      'cache-control': 'no-store',
    });
    expect(metrics.body).toContain('# TYPE crossfade_requests_total counter');
    expect(await sendRequest(`${metricsUrl}/healthz`)).toMatchObject({ status: 200, body: 'alive\n' });
    // A sidecar that enforces is ready once it has the keys.
    await vi.waitFor(async () =>
      expect(await sendRequest(`${metricsUrl}/readyz`)).toMatchObject({ status: 200, body: 'ready\n' }),
    );
    for (const path of [...LISTS, '/', '/history', '/events', '/judgements']) {
      for (const headers of [{}, { authorization: `Bearer ${TOKEN}` }])
        expect((await sendRequest(metricsUrl + path, { headers })).status, path).toBe(404);
    }
    expect((await sendRequest(`${metricsUrl}/judgements`, { method: 'POST' })).status).toBe(404);
  });

  test('serves the lists to the holder of the read token alone', async () => {
    const { metricsUrl, adminUrl } = await start({ CROSSFADE_SIDECAR_READ_TOKEN: TOKEN });
    for (const path of lists) {
      const bare = await sendRequest(metricsUrl + path);
      expect(bare).toMatchObject({ status: 401, body: '' });
      expect(bare.headers['www-authenticate']).toBe('Bearer realm="crossfade"');
      const wrong = await sendRequest(metricsUrl + path, { headers: { authorization: `Bearer ${TOKEN}x` } });
      expect(wrong).toMatchObject({ status: 401, body: '' });
      expect(wrong.headers['www-authenticate']).toBe('Bearer realm="crossfade", error="invalid_token"');
      const right = await sendRequest(metricsUrl + path, { headers: { authorization: `Bearer ${TOKEN}` } });
      expect(right.status).toBe(200);
      const ofAdmin = JSON.parse((await sendRequest(adminUrl + path)).body) as object;
      expect(Object.keys(JSON.parse(right.body) as object)).toEqual(Object.keys(ofAdmin));
    }
    expect((await sendRequest(`${metricsUrl}/metrics`)).status).toBe(200);
    for (const path of ['/', '/history', '/events'])
      expect((await sendRequest(metricsUrl + path, { headers: { authorization: `Bearer ${TOKEN}` } })).status).toBe(
        404,
      );
  });

  test('refuses to start with a token that can be guessed', async () => {
    await expect(start({ CROSSFADE_SIDECAR_READ_TOKEN: 'short' })).rejects.toMatchObject({
      problems: [{ path: 'CROSSFADE_SIDECAR_READ_TOKEN' }],
    });
  });
});

test('both ports say why the sidecar is not ready', async () => {
  const { adminUrl, metricsUrl, close } = await startDataPort({ drainDelayMs: 500 }, {});
  const closing = close();
  for (const url of [adminUrl, metricsUrl])
    expect(await sendRequest(`${url}/readyz`)).toMatchObject({ status: 503, body: 'not ready: stopping\n' });
  expect((await sendRequest(`${metricsUrl}/healthz`)).status).toBe(200);
  await closing;
  await expect(sendRequest(`${metricsUrl}/healthz`)).rejects.toThrow();
});

test('without sidecar.metrics there is no such port', async () => {
  const testbed = await startTestbed();
  cleanups.push(() => testbed.close());
  expect(testbed.sidecar).not.toHaveProperty('metricsUrl');
});

test('a metrics port that is taken is an error that names its setting, and nothing stays open', async () => {
  const { metricsUrl } = await startDataPort({}, {});
  const taken = new URL(String(metricsUrl)).host;
  await expect(startTestbed({ metrics: taken })).rejects.toMatchObject({
    problems: [{ path: 'sidecar.metrics', message: `${taken} is already in use` }],
  });
});
