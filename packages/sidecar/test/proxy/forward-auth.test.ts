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
    'answers %s on any path with 200 and the identity',
    async (method) => {
      const authorization = `Bearer ${await testbed.issuer.mint({ aud: LEGACY, scope: 'openid' })}`;
      const answer = await sendRequest(`${url}/some/path?x`, {
        method,
        headers: { authorization, 'crossfade-subject': 'mallory' },
      });
      expect(answer).toMatchObject({
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

  test('answers 401 with a challenge', async () => {
    const answer = await sendRequest(url, {
      headers: { authorization: `Bearer ${await testbed.issuer.forge({ aud: TARGET })}` },
    });
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toContain('Bearer');
    expect(answer.headers).not.toHaveProperty('crossfade-subject');
  });

  test('answers a HEAD without a body, whatever it says', async () => {
    const answer = await sendBytes(url, 'HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1.1 401 .*\r\nContent-Length: [1-9].*\r\n\r\n$/is);
  });

  test('two Authorization headers are one too many', async () => {
    const authorization = `Bearer ${await testbed.issuer.mint({ aud: LEGACY })}`;
    const answer = await sendRequest(url, { headers: { authorization: [authorization, authorization] } });
    expect(answer.status).toBe(401);
    expect(answer.body).toContain('malformed_token');
    expect(answer.headers).not.toHaveProperty('crossfade-subject');
  });

  test('a token anywhere else is none', async () => {
    const token = await testbed.issuer.mint({ aud: LEGACY });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await sendRequest(`${url}/?access_token=${token}`, {
      method: 'POST',
      headers,
      body: `access_token=${token}`,
    });
    expect(answer.status).toBe(401);
    expect(answer.body).toContain('missing_token');
  });

  test('answers 503 while keys can not be had', async () => {
    const authorization = `Bearer ${await testbed.issuer.mint({ aud: TARGET })}`;
    await testbed.issuer.close();
    expect((await sendRequest(url, { headers: { authorization } })).status).toBe(503);
  });

  test('counts every question once', async () => {
    for (let question = 0; question < 5; question += 1) await sendRequest(url);
    await vi.waitFor(async () => expect((await testbed.status()).audiences.none.rejected).toBe(5));
    expect((await testbed.status()).acceptance).toBe('both');
  });

  test.each([10, 1_000_000])('throws a body of %d bytes away, and keeps the connection', async (bytes) => {
    const headers = { authorization: `Bearer ${await testbed.issuer.mint({ aud: LEGACY })}` };
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    agent.on('free', (socket: Socket) => ports.add(socket.localPort));
    for (let question = 0; question < 3; question += 1) {
      expect((await sendRequest(url, { method: 'POST', headers, body: Buffer.alloc(bytes), agent })).status).toBe(200);
    }
    agent.destroy();
    expect(ports.size).toBe(1);
  });
});
