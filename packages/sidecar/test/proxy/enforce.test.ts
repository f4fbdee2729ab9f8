import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { sendBytes, sendRequest } from '../fixture/http.ts';
import { BOTH_PATHS, LEGACY, startTestbed, TARGET, type Testbed } from '../fixture/testbed.ts';

describe.each(BOTH_PATHS)('enforce mode, %s,', (_name, settings) => {
  let testbed: Testbed;
  let url: string;
  beforeEach(async () => {
    testbed = await startTestbed({ judge: 'enforce', ...settings });
    url = testbed.sidecar.dataUrl;
  });
  afterEach(() => testbed.close());

  const bearer = async (claims: Parameters<Testbed['issuer']['mint']>[0]) => ({
    authorization: `Bearer ${await testbed.issuer.mint(claims)}`,
  });

  test('an accepted request reaches the API with its verified identity', async () => {
    const headers = await bearer({ aud: TARGET, clientId: 'web-app', subject: 'alice', scope: 'openid orders:read' });
    const response = await sendRequest(url, {
      headers: { ...headers, 'crossfade-subject': 'mallory', crossfade_client: 'evil' },
    });
    expect(response.status).toBe(200);
    expect(testbed.upstream.seen[0]?.headers).toMatchObject({
      'crossfade-audience': 'target',
      'crossfade-subject': 'alice',
      'crossfade-client': 'web-app',
      'crossfade-scope': 'openid orders:read',
    });
    expect(testbed.upstream.seen[0]?.headers).not.toHaveProperty('crossfade_client');
  });

  test('a request without an accepted token never reaches the API, and is counted', async () => {
    expect((await sendRequest(url)).headers['www-authenticate']).toBe('Bearer');
    const expired = await sendRequest(url, { headers: await bearer({ aud: TARGET, expiresInSeconds: -60 }) });
    expect(expired.status).toBe(401);
    expect(expired.headers['www-authenticate']).toContain('error="invalid_token"');
    expect(expired.headers['content-type']).toBe('application/problem+json');
    expect(testbed.upstream.seen).toEqual([]);
    await vi.waitFor(async () => {
      const { audiences } = await testbed.status();
      expect(audiences.none.rejected).toBe(1);
      expect(audiences.target.rejected).toBe(1);
    });
  });

  test('a request with two Authorization headers is rejected', async () => {
    const token = await testbed.issuer.mint({ aud: TARGET });
    const response = await sendBytes(
      url,
      `GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\nAuthorization: Bearer other\r\nConnection: close\r\n\r\n`,
    );
    expect(response).toMatch(/^HTTP\/1.1 401 /);
    expect(testbed.upstream.seen).toEqual([]);
  });

  test('an Authorization header that Connection nominates still reaches the API', async () => {
    const token = await testbed.issuer.mint({ aud: TARGET });
    await sendBytes(
      url,
      `GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\nConnection: close, authorization, crossfade-audience\r\n\r\n`,
    );
    expect(testbed.upstream.seen[0]?.headers).toMatchObject({
      authorization: `Bearer ${token}`,
      'crossfade-audience': 'target',
    });
  });

  test('unavailable keys give 503, not 401', async () => {
    // The sidecar fetches the published keys by itself.
    const headers = await bearer({ aud: LEGACY, kid: 'new' });
    await testbed.issuer.close();
    const response = await sendRequest(url, { headers });
    expect(response.status).toBe(503);
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
    expect(testbed.upstream.seen).toEqual([]);
    await vi.waitFor(async () => expect((await testbed.status()).unavailable).toBe(1));
  });

  test('the acceptance switch decides whether a legacy token is accepted', async () => {
    const headers = await bearer({ aud: LEGACY });
    expect((await sendRequest(url, { headers })).status).toBe(200);
    expect(await testbed.status()).toMatchObject({ acceptance: 'both', phase: 'expand' });
    await testbed.setFlags({ 'accept-legacy': { enabled: false } });
    await vi.waitFor(async () => expect((await testbed.status()).acceptance).toBe('target'), { timeout: 10_000 });
    expect((await sendRequest(url, { headers })).status).toBe(401);
    const status = await testbed.status();
    expect(status.phase).toBe('contract');
    expect(status.audiences.legacy).toMatchObject({ accepted: 1, rejected: 1 });
  });

  test('a client that waits for 100 Continue is rejected before it sends its body', async () => {
    const request = httpRequest(url, { method: 'PUT', headers: { expect: '100-continue', 'content-length': '4' } });
    let asked = false;
    request.on('continue', () => {
      asked = true;
    });
    request.on('error', () => {});
    request.flushHeaders();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(401);
    expect(asked).toBe(false);
    request.destroy();
  });

  test('a rejected upload gets its response while the client is still sending', async () => {
    const response = await sendRequest(url, { method: 'POST', body: Buffer.alloc(4_000_000) });
    expect(response.status).toBe(401);
  });

  test('an upgrade is judged too', async () => {
    testbed.upstream.upgrade = (_request, socket) => {
      socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhi');
    };
    const head = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n';
    expect(await sendBytes(url, `${head}\r\n`)).toMatch(/^HTTP\/1.1 401 /);
    expect(testbed.upstream.seen).toEqual([]);
    const token = await testbed.issuer.mint({ aud: TARGET });
    expect(await sendBytes(url, `${head}Authorization: Bearer ${token}\r\n\r\n`)).toMatch(/^HTTP\/1.1 101 .*hi$/s);
    expect(testbed.upstream.seen[0]?.headers).toMatchObject({ 'crossfade-audience': 'target' });
  });
});
