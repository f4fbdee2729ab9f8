import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SidecarPlan } from '@crossfade/core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createCertificate } from '../fixture/certificate.ts';
import { sendBytes, sendRequest, type TestRequest } from '../fixture/http.ts';
import { BOTH_PATHS, startTestbed, type Testbed } from '../fixture/testbed.ts';

const PREFLIGHT = {
  origin: 'https://app.example.com',
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'authorization',
};

let testbed: Testbed;

async function start(settings: Partial<SidecarPlan>): Promise<string> {
  testbed = await startTestbed(settings);
  return testbed.sidecar.dataUrl;
}

afterEach(() => testbed.close());

function ask(url: string, { headers = {}, ...request }: TestRequest = {}) {
  return sendRequest(url, { method: 'OPTIONS', ...request, headers: { ...PREFLIGHT, ...headers } });
}

async function scraped(): Promise<string> {
  const text = await (await fetch(`${testbed.sidecar.adminUrl}/metrics`)).text();
  return /^crossfade_preflights_total\{[^}]*\} (\d+)$/m.exec(text)?.[1] ?? 'absent';
}

/** Waits until this many preflights, and this many other requests without a token, were counted. */
function expectCounted(preflights: number, none: number) {
  return vi.waitFor(async () => {
    const status = await testbed.status();
    expect({ preflights: status.preflights, none: status.audiences.none.rejected }).toEqual({ preflights, none });
  });
}

/** No preflights: one missing part, or one thing that a preflight never carries. */
const OTHERS: readonly (readonly [string, TestRequest])[] = [
  ['a GET', { method: 'GET' }],
  ['an OPTIONS without Origin', { headers: { origin: [] } }],
  ['an OPTIONS without Access-Control-Request-Method', { headers: { 'access-control-request-method': [] } }],
  ['an empty Authorization', { headers: { authorization: '' } }],
  ['a proof of possession', { headers: { dpop: 'a.b.c' } }],
  ['a body', { headers: { 'content-length': '6' }, body: 'a body' }],
  ['a body in chunks', { headers: { 'transfer-encoding': 'chunked' }, body: 'a body' }],
  ['another method to serve', { headers: { 'x-http-method-override': 'DELETE' } }],
  ['another method to serve, as CGI spells it', { headers: { X_HTTP_Method_Override: 'DELETE' } }],
];

describe.each(BOTH_PATHS)('a preflight through a proxying sidecar, %s,', (_name, path) => {
  test.each(['observe', 'enforce'] as const)(
    'reaches the API in %s without an identity, counted alone',
    async (judge) => {
      const url = await start({ judge, ...path });
      testbed.upstream.respond = (_request, response) => {
        response.writeHead(204, { 'access-control-allow-origin': 'https://app.example.com' }).end();
      };
      expect(await scraped()).toBe('0');

      const response = await ask(`${url}/orders?page=2`, { headers: { 'crossfade-subject': 'mallory' } });

      expect(response).toMatchObject({ status: 204, headers: { 'access-control-allow-origin': PREFLIGHT.origin } });
      expect(testbed.upstream.seen).toMatchObject([{ method: 'OPTIONS', url: '/orders?page=2', headers: PREFLIGHT }]);
      expect(testbed.upstream.seen[0]?.headers).not.toHaveProperty('crossfade-subject');
      await expectCounted(1, 0);
      expect(await scraped()).toBe('1');
      const { rejections, unavailable } = await testbed.status();
      expect(Object.values(rejections).every((count) => count === 0)).toBe(true);
      expect(unavailable).toBe(0);
    },
  );

  test('is judged in enforce with preflight: judge', async () => {
    const url = await start({ judge: 'enforce', preflight: 'judge', ...path });
    expect((await ask(url)).status).toBe(401);
    expect(testbed.upstream.seen).toEqual([]);
    await expectCounted(0, 1);
  });

  test.each(OTHERS)('is not to be had in enforce with %s', async (_, request) => {
    const url = await start({ judge: 'enforce', ...path });
    expect((await ask(url, request)).status).toBe(401);
    expect(testbed.upstream.seen).toEqual([]);
    expect((await testbed.status()).preflights).toBe(0);
  });

  test('is not to be had in enforce with a change of protocol, on which requests would follow', async () => {
    const url = await start({ judge: 'enforce', ...path });
    const fields = Object.entries(PREFLIGHT).map(([name, value]) => `${name}: ${value}\r\n`);
    const head = `OPTIONS / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${fields.join('')}\r\n`;
    expect(await sendBytes(url, head, (received) => received.includes('\r\n\r\n'))).toMatch(/^HTTP\/1.1 401 /);
    expect(testbed.upstream.seen).toEqual([]);
  });

  test('reaches the API as one, whatever its Connection nominates', async () => {
    const url = await start({ judge: 'enforce', ...path });
    await ask(url, { headers: { connection: Object.keys(PREFLIGHT).join(', ') } });
    expect(testbed.upstream.seen).toMatchObject([{ headers: PREFLIGHT }]);
  });

  test('counts once when the API is down', async () => {
    const url = await start({ judge: 'enforce', ...path });
    await testbed.upstream.close();
    expect((await ask(url)).status).toBe(502);
    await expectCounted(1, 0);
  });
});

describe('a preflight over HTTP/2', () => {
  let client: ClientHttp2Session;
  let directory: string;
  afterEach(async () => {
    client.destroy();
    await rm(directory, { recursive: true });
  });

  async function statusOf(body?: string): Promise<number | undefined> {
    const stream = client.request({ ':method': 'OPTIONS', ...PREFLIGHT }, { endStream: body === undefined });
    if (body !== undefined) stream.end(body);
    const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders & { readonly ':status'?: number }];
    stream.resume();
    return headers[':status'];
  }

  test.each([{ judge: 'enforce' }, { mode: 'forward-auth' }] as const)(
    'ends with its header section: %j',
    async (sidecar) => {
      directory = await mkdtemp(join(tmpdir(), 'preflight-'));
      const [tlsCert, tlsKey] = [join(directory, 'tls.crt'), join(directory, 'tls.key')];
      const pair = createCertificate();
      await Promise.all([writeFile(tlsCert, pair.cert), writeFile(tlsKey, pair.key)]);
      client = connect(await start({ ...sidecar, tlsCert, tlsKey }), { ca: pair.cert });

      expect(await statusOf()).toBe(200);
      expect(await statusOf('a body that no header announces')).toBe(401);
      await expectCounted(1, 1);
    },
  );
});

describe.each(BOTH_PATHS)('a preflight that a proxy asks about, %s,', (_name, path) => {
  const NGINX = { mode: 'forward-auth', trustedProxies: ['127.0.0.1'], methodHeader: 'X-Original-Method' } as const;

  test.each([
    ['the method of the request itself', { mode: 'forward-auth' }, {}],
    ['the header that names the method', NGINX, { method: 'GET', headers: { 'x-original-method': 'OPTIONS' } }],
  ] as const)('gets 200 without an identity by %s, counted alone', async (_, settings, request) => {
    const url = await start({ ...settings, ...path });
    const response = await ask(`${url}/orders`, request);
    expect(response).toMatchObject({ status: 200, body: '' });
    expect(Object.keys(response.headers).filter((name) => name.startsWith('crossfade-'))).toEqual([]);
    await expectCounted(1, 0);
  });

  test.each(OTHERS)('is not to be had with %s', async (_, request) => {
    const url = await start({ mode: 'forward-auth', ...path });
    expect((await ask(url, request)).status).toBe(401);
    await expectCounted(0, 1);
  });

  test.each([
    ['a proxy that names the method', NGINX, { 'x-original-method': 'GET', 'x-forwarded-method': 'OPTIONS' }],
    ['a proxy that leaves it out', NGINX, { 'x-forwarded-method': 'OPTIONS' }],
    ['a proxy that repeats the request', { mode: 'forward-auth' }, { 'x-original-method': 'OPTIONS' }],
    [
      'a trusted proxy that repeats the request',
      { mode: 'forward-auth', trustedProxies: ['127.0.0.1'] },
      { 'x-original-method': 'OPTIONS', 'x-forwarded-method': 'OPTIONS' },
    ],
    ['a proxy that is not trusted', { ...NGINX, trustedProxies: ['192.0.2.1'] }, { 'x-original-method': 'OPTIONS' }],
  ] as const)('is not made of a GET by a header of its client: %s', async (_, settings, headers) => {
    const url = await start({ ...settings, ...path });
    expect((await ask(url, { method: 'GET', headers })).status).toBe(401);
    await expectCounted(0, 1);
  });

  test('is judged with preflight: judge', async () => {
    const url = await start({ mode: 'forward-auth', preflight: 'judge', ...path });
    expect((await ask(url)).status).toBe(401);
    await expectCounted(0, 1);
  });
});
