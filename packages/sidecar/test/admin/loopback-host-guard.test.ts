import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isLoopbackName } from '../../src/admin/loopback-host-guard.ts';
import { serveCollector } from '../../src/collect/serve-collector.ts';
import { SILENT_LOG } from '../../src/process/log.ts';
import type { Sidecar } from '../../src/process/sidecar.ts';
import { batchText } from '../fixture/batch.ts';
import { createSettableFlags } from '../fixture/flags.ts';
import { sendRequest } from '../fixture/http.ts';
import { planOf, startTestbed, type Testbed } from '../fixture/testbed.ts';

const FORGED = 'rebound.attacker.example:9464';
const READ_TOKEN = 'read-token-of-this-test';

describe('the ports on loopback', () => {
  let testbed: Testbed;
  beforeAll(async () => {
    testbed = await startTestbed(
      { metrics: '127.0.0.1:0' },
      { environment: { CROSSFADE_SIDECAR_READ_TOKEN: READ_TOKEN } },
    );
  });
  afterAll(() => testbed.close());

  const ADMIN = ['/', '/metrics', '/healthz', '/readyz', '/status', '/stragglers', '/census', '/history', '/events'];
  const METRICS = ['/metrics', '/healthz', '/readyz', '/status', '/stragglers', '/census'];
  const routes = [
    ...ADMIN.map((path) => ['admin', path] as const),
    ...METRICS.map((path) => ['metrics', path] as const),
  ];
  const urlOf = ({ adminUrl, metricsUrl }: Sidecar, port: 'admin' | 'metrics') =>
    port === 'admin' ? adminUrl : String(metricsUrl);

  test.each(routes)('refuse a foreign Host: %s %s', async (port, path) => {
    const headers = { host: FORGED, authorization: `Bearer ${READ_TOKEN}` };
    for (const method of ['GET', 'HEAD']) {
      const response = await sendRequest(urlOf(testbed.sidecar, port) + path, { method, headers });
      expect(response.status).toBe(421);
      expect(response.body).not.toMatch(/crossfade_|orders|alive|ready/);
    }
  });

  test('say how to reach them', async () => {
    const { body } = await sendRequest(`${testbed.sidecar.adminUrl}/status`, { headers: { host: FORGED } });
    expect(body).toContain('Host is localhost, 127.0.0.1 or [::1]');
    expect(body).not.toContain('attacker');
  });

  test('show a foreign Host not even which routes exist', async () => {
    const response = await sendRequest(`${testbed.sidecar.adminUrl}/none`, { headers: { host: FORGED } });
    expect(response.body).not.toContain('attacker');
    expect(response.status).toBeOneOf([404, 421]);
  });

  test.each(['localhost', 'localhost:9464', 'orders.localhost:1', '127.0.0.1', '[::1]:9464'])(
    'serve a request with Host: %s',
    async (host) => {
      expect((await sendRequest(`${testbed.sidecar.adminUrl}/status`, { headers: { host } })).status).toBe(200);
      expect((await sendRequest(`${testbed.sidecar.metricsUrl}/metrics`, { headers: { host } })).status).toBe(200);
    },
  );

  test('serve HTTP/1.0 without Host, which no browser sends, and refuse HTTP/1.1 without it', async () => {
    const { port } = new URL(testbed.sidecar.adminUrl);
    const lineOf = async (request: string) => {
      const socket = connect(Number(port), '127.0.0.1');
      socket.write(request);
      const [data] = (await once(socket, 'data')) as [Buffer];
      socket.destroy();
      return data.toString().split('\r\n')[0];
    };
    expect(await lineOf('GET /healthz HTTP/1.0\r\n\r\n')).toBe('HTTP/1.1 200 OK');
    expect(await lineOf('GET /healthz HTTP/1.1\r\n\r\n')).toBe('HTTP/1.1 400 Bad Request');
  });
});

test('judgements from a page of a rebound name are refused, even without Origin', async () => {
  const places = { issuer: 'http://127.0.0.1:9', upstream: 'http://127.0.0.1:9', flags: './flags.json' };
  const plan = planOf(places, { mode: 'collect' });
  const { sidecar: settings } = plan;
  if (settings === undefined) throw new Error('the plan has a sidecar section');
  const parts = { plan, settings, flags: createSettableFlags(), log: SILENT_LOG, now: Date.now, environment: {} };
  const collector = await serveCollector(parts);
  try {
    const post = (headers: Record<string, string>) =>
      sendRequest(`${collector.adminUrl}/judgements`, {
        method: 'POST',
        body: batchText({}),
        headers: { 'content-type': 'application/x-ndjson', ...headers },
      });
    expect((await post({ host: FORGED })).status).toBe(421);
    expect((await post({})).status).toBe(200);
  } finally {
    await collector.close();
  }
});

test('a port that its operator opened to the network is served under any name', async () => {
  const testbed = await startTestbed({ admin: '0.0.0.0:0', metrics: '0.0.0.0:0' });
  try {
    const headers = { host: 'orders-api.shop.svc:9464' };
    expect((await sendRequest(`${testbed.sidecar.adminUrl}/status`, { headers })).status).toBe(200);
    expect((await sendRequest(`${testbed.sidecar.metricsUrl}/metrics`, { headers })).status).toBe(200);
  } finally {
    await testbed.close();
  }
});

test.each([
  ['localhost', true],
  ['LOCALHOST:80', true],
  ['localhost.', true],
  ['a.b.localhost:80', true],
  ['127.1.2.3', true],
  ['[::1]', true],
  ['', false],
  ['localhost.attacker.example', false],
  ['127.0.0.1.attacker.example', false],
  ['notlocalhost', false],
  ['localhost:80:80', false],
  ['localhost@attacker.example', false],
  ['10.0.0.1', false],
  ['[::2]', false],
  ['0.0.0.0:9464', false],
])('%j is a loopback name: %s', (host, expected) => {
  expect(isLoopbackName(host)).toBe(expected);
});
