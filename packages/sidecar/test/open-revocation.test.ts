import { inspect } from 'node:util';
import { ConfigError, type RevocationPlan } from '@crossfade/core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { startSidecar } from '../src/index.ts';
import { openRevocation } from '../src/open-revocation.ts';
import { sendRequest } from './fixture/http.ts';
import { freePort } from './fixture/listening.ts';
import { createRecordingLog } from './fixture/log.ts';
import { BOTH_PATHS, planOf, startTestbed, TARGET, type Testbed } from './fixture/testbed.ts';

const PASSWORD = 'hunter2-secret';

async function nowhere(): Promise<RevocationPlan> {
  return { redis: `redis://crossfade:${PASSWORD}@127.0.0.1:${await freePort()}`, by: 'jti' };
}

test('a plan that names no denylist opens none', async () => {
  expect(await openRevocation({}, Date.now)).toBeUndefined();
});

test('a URL that cannot be used ends the start, and is not printed', async () => {
  const places = { issuer: 'http://127.0.0.1:9', upstream: 'http://127.0.0.1:9', flags: '/nonexistent/flags.json' };
  const revocation = { redis: `redis://crossfade:${PASSWORD}@127.0.0.1/db`, by: 'jti' } as const;
  const error: unknown = await startSidecar({ ...planOf(places), revocation }).catch((reason: unknown) => reason);

  expect(error).toBeInstanceOf(ConfigError);
  expect(inspect(error, { showHidden: true, depth: 5 })).not.toContain(PASSWORD);
});

describe.each(BOTH_PATHS)('while Redis is down, %s,', (_name, settings) => {
  let testbed: Testbed;
  afterEach(() => testbed.close());

  const send = async (how: Parameters<typeof startTestbed>[0]) => {
    const logger = createRecordingLog();
    const plan = { revocation: await nowhere() };
    testbed = await startTestbed({ ...how, ...settings }, { logger, plan });
    const headers = { authorization: `Bearer ${await testbed.issuer.mint({ aud: TARGET })}` };
    const response = await sendRequest(testbed.sidecar.dataUrl, { headers });
    await vi.waitFor(async () => expect((await testbed.status()).unavailable).toBe(1));
    const ready = await fetch(`${testbed.sidecar.adminUrl}/readyz`);
    const metrics = await (await fetch(`${testbed.sidecar.adminUrl}/metrics`)).text();
    expect(inspect([logger, metrics, response], { depth: 9 })).not.toContain(PASSWORD);
    return { response, ready: ready.status, metrics };
  };

  test('an enforcing sidecar responds 503 with Retry-After to a valid token, and is not ready', async () => {
    const { response, ready } = await send({ judge: 'enforce' });

    expect(response.status).toBe(503);
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
    expect(testbed.upstream.seen).toEqual([]);
    expect(ready).toBe(503);
  });

  test('so does one that answers a proxy', async () => {
    const { response, ready } = await send({ mode: 'forward-auth' });

    expect(response.status).toBe(503);
    expect(ready).toBe(503);
  });

  test('an observing sidecar changes nothing, counts the request as unavailable by its cause, and is ready', async () => {
    const { response, ready, metrics } = await send({ judge: 'observe' });

    expect(response.status).toBe(200);
    expect(ready).toBe(200);
    expect(metrics).toMatch(/^crossfade_unavailable_total\{[^}]*cause="revocation"[^}]*\} 1$/m);
  });
});
