import { afterEach, describe, expect, test, vi } from 'vitest';
import { sendRequest } from './fixture/http.ts';
import { createRecordingLog } from './fixture/log.ts';
import { BOTH_PATHS, LEGACY, startTestbed, TARGET, type Testbed } from './fixture/testbed.ts';

const SUNSET = { sunsetMs: Date.parse('2027-01-31T00:00:00Z') };
const ANNOUNCED = { sunset: 'Sun, 31 Jan 2027 00:00:00 GMT', deprecation: '@1801263600' };

function brownout(seconds = 600) {
  return { brownout: { enabled: true, percent: 100, until: new Date(Date.now() + seconds * 1000).toISOString() } };
}

let testbed: Testbed;
afterEach(() => testbed.close());

async function send(aud: string | readonly string[], headers: Record<string, string> = {}) {
  const token = await testbed.issuer.mint({ aud: aud as string });
  return sendRequest(testbed.sidecar.dataUrl, { headers: { ...headers, authorization: `Bearer ${token}` } });
}

describe.each(BOTH_PATHS)('a brownout %s', (_name, path) => {
  test.each([
    ['a proxy that enforces', { judge: 'enforce' }],
    ['forward-auth', { mode: 'forward-auth' }],
  ] as const)('refuses legacy tokens in %s, for as long as the flags say, and shows it', async (_mode, settings) => {
    testbed = await startTestbed({ ...settings, ...path }, { flags: { 'issue-target': { enabled: true } } });
    expect((await send(LEGACY)).status).toBe(200);
    await testbed.setFlags(brownout());
    await vi.waitFor(
      async () => expect((await testbed.status()).brownout).toMatchObject({ percent: 100, refused: 0 }),
      {
        timeout: 10_000,
      },
    );

    const refused = await send(LEGACY);
    expect(refused.status).toBe(401);
    expect(refused.headers['www-authenticate']).toMatch(/^Bearer error="invalid_token", .*reason="brownout"$/);
    expect((await send(TARGET)).status).toBe(200);
    expect((await send([LEGACY, TARGET])).status).toBe(200);

    const status = await testbed.status();
    expect(status).toMatchObject({
      brownout: { refused: 1, stopped: false },
      rejections: { brownout: 1 },
      validUnauthorized: 0,
      disagreements: { reasons: {} },
      acceptance: 'both',
      audiences: { legacy: { accepted: 1, rejected: 1 } },
    });
    const stragglers = await (await fetch(`${testbed.sidecar.adminUrl}/stragglers`)).json();
    expect(stragglers).toMatchObject({ clients: [{ clientId: 'web-app', reasons: { brownout: 1 } }] });

    await testbed.setFlags({ brownout: { enabled: false } });
    await vi.waitFor(async () => expect((await testbed.status()).brownout).toBeNull(), { timeout: 10_000 });
    expect((await send(LEGACY)).status).toBe(200);
  });

  test('keeps legacy seen: a refused token is a verified one', async () => {
    testbed = await startTestbed({ judge: 'enforce', ...path }, { flags: brownout() });
    expect((await send(LEGACY)).status).toBe(401);
    const { lastSeenAt } = (await testbed.status()).audiences.legacy;
    expect(Date.parse(lastSeenAt ?? '')).toBeGreaterThan(Date.now() - 60_000);
  });

  test('is stopped by a sidecar whose requests are all of its clients, which logs it', async () => {
    const log = createRecordingLog();
    testbed = await startTestbed({ judge: 'enforce', ...path }, { flags: brownout(), logger: log });
    const statuses: number[] = [];
    for (let request = 0; request < 23; request += 1) statuses.push((await send(LEGACY)).status);
    expect(statuses).toEqual([...Array(20).fill(401), 200, 200, 200]);
    expect((await testbed.status()).brownout).toMatchObject({ refused: 20, stopped: true });
    expect(log.lines.filter(({ fields }) => fields['event'] === 'brownout_stopped')).toHaveLength(1);
  });

  test('refuses nothing in observe mode, and no guard counts the 401 of an API that takes part', async () => {
    testbed = await startTestbed({ ...path }, { flags: brownout(), plan: SUNSET });
    testbed.upstream.respond = (request, response) => {
      const isBrownout = request.headers['x-test'] === 'brownout';
      response.writeHead(isBrownout ? 401 : 200, {
        ...(isBrownout && { 'www-authenticate': 'Bearer error="invalid_token", reason="brownout"' }),
      });
      response.end();
    };
    const taken = await send(LEGACY);
    expect(taken.status).toBe(200);
    expect(taken.headers).not.toHaveProperty('sunset');
    expect((await send(LEGACY, { 'x-test': 'brownout' })).status).toBe(401);
    await vi.waitFor(async () => {
      const status = await testbed.status();
      expect(status.audiences.legacy).toMatchObject({ accepted: 2, rejected: 0 });
      expect(status).toMatchObject({ validUnauthorized: 0, rejections: { brownout: 0 } });
      expect(status.apiResponses.legacy.unauthorizedAt).toBeNull();
      expect(status.brownout).toEqual({ percent: 100, until: expect.any(String) });
    });
  });
});

describe.each(BOTH_PATHS)('the sunset of the plan %s', (_name, path) => {
  test('is announced to legacy tokens alone by a proxy that enforces, whatever becomes of them', async () => {
    testbed = await startTestbed({ judge: 'enforce', ...path }, { plan: SUNSET });
    expect((await send(LEGACY)).headers).toMatchObject(ANNOUNCED);
    for (const aud of [TARGET, [LEGACY, TARGET]]) {
      const { status, headers } = await send(aud);
      expect(status).toBe(200);
      expect(headers).not.toHaveProperty('sunset');
      expect(headers).not.toHaveProperty('deprecation');
    }
    await testbed.setFlags({ 'accept-legacy': { enabled: false } });
    await vi.waitFor(async () => expect((await testbed.status()).acceptance).toBe('target'), { timeout: 10_000 });
    expect(await send(LEGACY)).toMatchObject({ status: 401, headers: ANNOUNCED });
  });

  test('leaves the headers of the API alone', async () => {
    testbed = await startTestbed({ judge: 'enforce', ...path }, { plan: SUNSET });
    testbed.upstream.respond = (_request, response) => {
      response.writeHead(200, { Sunset: 'Mon, 01 Feb 2027 00:00:00 GMT', 'content-length': '2' });
      response.end('ok');
    };
    const { headers, body } = await send(LEGACY);
    expect(headers).toMatchObject({ sunset: 'Mon, 01 Feb 2027 00:00:00 GMT', deprecation: ANNOUNCED.deprecation });
    expect(body).toBe('ok');
  });

  test('goes with a response of chunks, an upload, and a response of forward-auth', async () => {
    testbed = await startTestbed({ judge: 'enforce', ...path }, { plan: SUNSET });
    testbed.upstream.respond = (_request, response) => {
      response.write('a');
      response.end('b');
    };
    expect(await send(LEGACY)).toMatchObject({ status: 200, body: 'ab', headers: ANNOUNCED });
    const authorization = `Bearer ${await testbed.issuer.mint({ aud: LEGACY })}`;
    const body = Buffer.alloc(300_000);
    const upload = await sendRequest(testbed.sidecar.dataUrl, { method: 'POST', headers: { authorization }, body });
    expect(upload).toMatchObject({ status: 200, headers: ANNOUNCED });
    await testbed.close();

    testbed = await startTestbed({ mode: 'forward-auth', ...path }, { plan: SUNSET });
    expect(await send(LEGACY)).toMatchObject({
      status: 200,
      headers: { ...ANNOUNCED, 'crossfade-audience': 'legacy' },
    });
    expect((await send(TARGET)).headers).not.toHaveProperty('sunset');
  });
});
