import { BadRequestException } from '@aws-sdk/client-appconfigdata';
import { describe, expect, it } from 'vitest';
import { flagDocument, rejection, startEmulator } from '../fixture.ts';

const SEED = {
  application: 'orders',
  environment: 'live',
  profile: 'flags',
  content: flagDocument({ a: { enabled: true } }),
};

async function startWithAdmin() {
  const emulator = await startEmulator();
  async function admin(method: string, path: string, body?: unknown) {
    const response = await fetch(`${emulator.url}/_emulator${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  }
  return { ...emulator, admin };
}

describe('the admin paths', () => {
  it('seed content', async () => {
    const { admin, start, poll } = await startWithAdmin();
    expect(await admin('POST', '/seed', SEED)).toMatchObject({
      status: 201,
      body: { versionNumber: 1, deploymentNumber: 1 },
    });
    expect((await poll(await start())).text).toBe('{"a":{"enabled":true}}');
  });

  it('set and clear faults', async () => {
    const { admin, emulator } = await startWithAdmin();
    const fault = { kind: 'slow', plane: 'data', times: 3, delayMs: 5 };
    expect(await admin('POST', '/faults', fault)).toMatchObject({ status: 200, body: { faults: [fault] } });
    expect(emulator.faults.active()).toEqual([fault]);
    expect(await admin('DELETE', '/faults')).toMatchObject({ status: 200, body: { faults: [] } });
  });

  it('move, stop and resume the clock', async () => {
    const { admin } = await startWithAdmin();
    expect((await admin('GET', '')).body).toMatchObject({ now: '2026-01-01T00:00:00.000Z' });
    expect((await admin('POST', '/clock', { advanceSeconds: 90.5 })).body).toMatchObject({
      now: '2026-01-01T00:01:30.500Z',
    });
    expect((await admin('POST', '/clock', { frozen: true })).status).toBe(200);
    expect((await admin('POST', '/clock', { frozen: false })).status).toBe(200);
  });

  it('raise alarms and drop sessions', async () => {
    const { admin, start, poll } = await startWithAdmin();
    await admin('POST', '/seed', SEED);
    expect((await admin('POST', '/alarms', { alarmArn: 'arn:aws:cloudwatch:x' })).body).toEqual({ rolledBack: 0 });
    const token = await start();
    expect((await admin('DELETE', '/sessions')).status).toBe(204);
    const error = await rejection(poll(token), BadRequestException);
    expect(error).toMatchObject({ Details: { InvalidParameters: { ConfigurationToken: { Problem: 'Corrupted' } } } });
  });

  it.each([
    ['/faults', { kind: 'fire' }],
    ['/faults', { kind: 'error', status: 404 }],
    ['/clock', { advanceSeconds: -1 }],
    ['/clock', { advance: 1 }],
    ['/alarms', {}],
    ['/seed', { ...SEED, content: '{}' }],
    ['/seed', { application: 'orders' }],
  ])('reject %s with %j', async (path, body) => {
    const { admin } = await startWithAdmin();
    expect(await admin('POST', path, body)).toMatchObject({ status: 400, body: { Message: expect.any(String) } });
  });
});
