import { Agent } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { sendBytes, sendRequest } from '../fixture/http.ts';
import { BOTH_PATHS, LEGACY, startTestbed, TARGET, type Testbed } from '../fixture/testbed.ts';

describe.each(BOTH_PATHS)('forward-auth mode, %s,', (_name, settings) => {
  let testbed: Testbed;
  let url: string;
  beforeEach(async () => {
    testbed = await startTestbed({ mode: 'forward-auth', ...settings });
    url = testbed.sidecar.dataUrl;
  });
  afterEach(() => testbed.close());

  test.each(['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS', 'REPORT'])(
    'gives 200 and the identity for a %s on any path',
    async (method) => {
      const authorization = `Bearer ${await testbed.issuer.mint({ aud: LEGACY, scope: 'openid' })}`;
      const response = await sendRequest(`${url}/some/path?x`, {
        method,
        headers: { authorization, 'crossfade-subject': 'mallory' },
      });
      expect(response).toMatchObject({
        status: 200,
        body: '',
        headers: {
          'crossfade-audience': 'legacy',
          'crossfade-subject': 'alice',
          'crossfade-client': 'web-app',
          'crossfade-scope': 'openid',
        },
      });
      expect(testbed.upstream.seen).toEqual([]);
    },
  );

  test('gives 401 with a challenge for a rejected token', async () => {
    const response = await sendRequest(url, {
      headers: { authorization: `Bearer ${await testbed.issuer.forge({ aud: TARGET })}` },
    });
    expect(response.status).toBe(401);
    expect(response.headers['www-authenticate']).toContain('Bearer');
    expect(response.headers).not.toHaveProperty('crossfade-subject');
  });

  test('responds to a HEAD without a body', async () => {
    const response = await sendBytes(url, 'HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(response).toMatch(/^HTTP\/1.1 401 .*\r\nContent-Length: [1-9].*\r\n\r\n$/is);
  });

  test('rejects a request with two Authorization headers', async () => {
    const authorization = `Bearer ${await testbed.issuer.mint({ aud: LEGACY })}`;
    const response = await sendRequest(url, { headers: { authorization: [authorization, authorization] } });
    expect(response.status).toBe(401);
    expect(response.body).toContain('malformed_token');
    expect(response.headers).not.toHaveProperty('crossfade-subject');
  });

  test('ignores a token outside the Authorization header', async () => {
    const token = await testbed.issuer.mint({ aud: LEGACY });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const response = await sendRequest(`${url}/?access_token=${token}`, {
      method: 'POST',
      headers,
      body: `access_token=${token}`,
    });
    expect(response.status).toBe(401);
    expect(response.body).toContain('missing_token');
  });

  test('gives 503 while keys are unavailable', async () => {
    // The sidecar fetches the published keys by itself.
    const authorization = `Bearer ${await testbed.issuer.mint({ aud: TARGET, kid: 'new' })}`;
    await testbed.issuer.close();
    expect((await sendRequest(url, { headers: { authorization } })).status).toBe(503);
  });

  test('counts every request once', async () => {
    for (let n = 0; n < 5; n += 1) await sendRequest(url);
    await vi.waitFor(async () => expect((await testbed.status()).audiences.none.rejected).toBe(5));
    expect((await testbed.status()).acceptance).toBe('both');
  });

  test.each([10, 1_000_000])('discards a body of %d bytes, and keeps the connection', async (bytes) => {
    const headers = { authorization: `Bearer ${await testbed.issuer.mint({ aud: LEGACY })}` };
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    agent.on('free', (socket: Socket) => ports.add(socket.localPort));
    for (let n = 0; n < 3; n += 1) {
      expect((await sendRequest(url, { method: 'POST', headers, body: Buffer.alloc(bytes), agent })).status).toBe(200);
    }
    agent.destroy();
    expect(ports.size).toBe(1);
  });
});
