import { RUNBOOKS } from '@crossfade/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sendRequest } from '../fixture/http.ts';
import { startTestbed, type Testbed } from '../fixture/testbed.ts';

let testbed: Testbed;
beforeAll(async () => {
  testbed = await startTestbed({ metrics: '127.0.0.1:0' });
});
afterAll(() => testbed.close());

test.each(RUNBOOKS)('serves the runbook %s as text', async (name) => {
  const response = await sendRequest(`${testbed.sidecar.adminUrl}/runbooks/${name}`);
  expect(response).toMatchObject({ status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' } });
  expect(response.body).toMatch(/^# /);
});

test.each(['', 'README', 'alerts/CrossfadeDisagreement', '..%2fREADME', '..%2f..%2fpackage.json', 'constructor'])(
  'serves nothing for the name %j',
  async (name) => {
    expect((await sendRequest(`${testbed.sidecar.adminUrl}/runbooks/${name}`)).status).toBe(404);
  },
);

test('serves runbooks and the fleet at the admin port alone', async () => {
  for (const path of ['/runbooks/rollback', '/fleet'])
    expect((await sendRequest(testbed.sidecar.metricsUrl + path)).status).toBe(404);
});

test('every runbook that the page links to exists', async () => {
  const { body } = await sendRequest(`${testbed.sidecar.adminUrl}/`);
  const names = [...body.matchAll(/href="runbooks\/([a-z-]+)"/g)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(8);
  expect(RUNBOOKS).toEqual(expect.arrayContaining(names));
});
