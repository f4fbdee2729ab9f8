import { afterAll, beforeAll, expect, test } from 'vitest';
import { sendRequest } from '../fixture/http.ts';
import { startTestbed, type Testbed } from '../fixture/testbed.ts';

let testbed: Testbed;
let url: string;
beforeAll(async () => {
  testbed = await startTestbed();
  url = testbed.sidecar.adminUrl;
});
afterAll(() => testbed.close());

test.each(['*/*', 'application/openmetrics-text; version=1.0.0'])(
  'serves metrics as text 0.0.4 to a scraper that accepts %s',
  async (accept) => {
    for (let scrape = 0; scrape < 2; scrape += 1) {
      const response = await sendRequest(`${url}/metrics`, { headers: { accept } });
      expect(response.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
      expect(response.body).toContain('# TYPE crossfade_requests_total counter');
      expect(response.body).not.toContain('# EOF');
    }
  },
);

test.each(['/status', '/stragglers', '/census'])('serves %s as JSON with no-store', async (path) => {
  const response = await sendRequest(url + path);
  expect(response.headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  });
  expect(JSON.parse(response.body)).toBeTypeOf('object');
});

test('responds 200 to /healthz and /readyz', async () => {
  expect((await sendRequest(`${url}/healthz`)).status).toBe(200);
  expect((await sendRequest(`${url}/readyz`)).status).toBe(200);
});

test('responds 404 to POST', async () => {
  expect((await sendRequest(`${url}/status`, { method: 'POST' })).status).toBe(404);
  expect((await sendRequest(`${url}/judgements`, { method: 'POST' })).status).toBe(404);
});

test('serves a page whose policy allows only its own numbers', async () => {
  const response = await sendRequest(`${url}/`);
  expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
  const policy = String(response.headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe');
});

test('responds to HEAD as to GET, without the body', async () => {
  const [head, get] = await Promise.all([sendRequest(`${url}/`, { method: 'HEAD' }), sendRequest(`${url}/`)]);
  expect(head).toMatchObject({ status: 200, body: '' });
  for (const name of ['content-type', 'content-length', 'content-security-policy', 'cache-control', 'referrer-policy'])
    expect(head.headers[name]).toBe(get.headers[name]);
  expect(head.headers['cache-control']).toBe('no-store');
  expect(get.body.length).toBeLessThan(130_000);
});

test('serves the history', async () => {
  const { points, marks, stepMs } = JSON.parse((await sendRequest(`${url}/history`)).body);
  expect({ stepMs, marks }).toMatchObject({ stepMs: 1000, marks: [{ phase: 'prepare', percent: 0 }] });
  expect(points).toBeInstanceOf(Array);
});
