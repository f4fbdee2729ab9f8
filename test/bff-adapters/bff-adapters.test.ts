import { once } from 'node:events';
import { type ClientRequest, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gunzipSync } from 'node:zlib';
import { type Bff, type BffOptions, type ClientEvent, createBff } from '@crossfade/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Browser, createBrowser } from '../../packages/client/test/fixture/browser.ts';
import { issuanceFixture } from '../../packages/client/test/fixture/issuance-fixture.ts';
import { type ProviderFixture, startProvider } from '../../packages/client/test/fixture/provider-fixture.ts';
import { GZIPPED, MEGABYTE, type OrdersApi, startOrdersApi } from './orders-api.ts';
import { type RunningServer, SERVERS } from './servers.ts';

const APP = 'https://app.example.com';
const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' };

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

/** A signal is lost only after several rounds. */
async function collectGarbage(): Promise<void> {
  for (let round = 0; round < 10; round += 1) {
    gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

describe.each(SERVERS)('a backend for browsers in $name', (adapter) => {
  let provider: ProviderFixture;
  let api: OrdersApi;
  let bff: Bff;
  let server: RunningServer;
  let browser: Browser;
  let events: ClientEvent[];

  beforeEach(async () => {
    provider = await startProvider({ redirectUri: `${APP}/auth/callback` });
    api = await startOrdersApi();
    await start();
  });
  afterEach(async () => {
    await server.close();
    await api.close();
    await provider.close();
  });

  async function start(options: Partial<BffOptions> = {}): Promise<void> {
    const { issuer, clientId, clientSecret } = provider;
    events = [];
    bff = createBff({
      ...{ issuer, clientId, clientSecret, selector: issuanceFixture().selector, publicUrl: APP },
      api: { '/api/': `${api.url}/v1/`, '/api/closed/': 'http://127.0.0.1:9/' },
      onEvent: (event: ClientEvent) => events.push(event),
      ...options,
    } as BffOptions);
    server = await adapter.start(bff);
    browser = createBrowser({ [APP]: server.base });
  }

  const cookie = () => [...browser.cookies(APP)].map(([name, value]) => `${name}=${value}`).join('; ');

  async function signIn(): Promise<void> {
    const shown = await browser.visit(`${APP}/auth/login?returnTo=/me`);
    expect([shown.url.href, shown.text]).toEqual([`${APP}/me`, '{"subject":"alice"}']);
  }

  /** A request of the page's script. */
  function open(path: string, options: RequestOptions = {}): ClientRequest {
    const headers = { cookie: cookie(), ...SAME_ORIGIN, ...options.headers };
    return httpRequest(`${server.base}${path}`, { ...options, headers });
  }

  async function send(path: string, options: RequestOptions = {}, body?: string | Buffer): Promise<Answer> {
    const request = open(path, options);
    request.end(body);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) };
  }

  it('logs in, shows the user, and logs out', async () => {
    await signIn();
    expect(JSON.parse((await send('/auth/user')).body)).toMatchObject({ subject: 'alice' });
    const out = await send('/auth/logout', { method: 'POST', headers: { accept: 'application/json' } });
    expect([out.status, out.headers['set-cookie']?.length]).toEqual([200, 2]);
    expect(JSON.parse((await send('/me')).body)).toEqual({ subject: null });
  });

  it('leaves the routes of the application alone, with their parsers', async () => {
    const headers = { 'content-type': 'application/json' };
    expect((await send('/length', { method: 'POST', headers }, '{"a":1}')).body).toBe('{"length":7}');
    expect((await send('/api')).status).toBe(404);
    expect((await send('/nowhere')).status).toBe(404);
  });

  it('responds with a problem to a route below the prefix that does not exist', async () => {
    expect(await send('/auth/nowhere')).toMatchObject({
      status: 404,
      headers: { 'content-type': 'application/problem+json' },
    });
  });

  it('calls an API from a handler of the application', async () => {
    await signIn();
    const mine = await send(`/mine?url=${encodeURIComponent(`${api.url}/v1/today`)}`);
    expect(JSON.parse(mine.body)).toMatchObject({ url: '/v1/today' });
  });

  it('passes method, path, query and body on, with the token instead of cookies', async () => {
    await signIn();
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const { status, body } = await send('/api/orders/a%2Fb?q=%20x&q=y', { method });
      expect(status).toBe(200);
      const { headers, ...rest } = JSON.parse(body) as { headers: Record<string, string> };
      expect(rest).toEqual({ method, url: '/v1/orders/a%2Fb?q=%20x&q=y' });
      expect(headers['authorization']).toMatch(/^Bearer eyJ/);
      expect(headers['cookie']).toBeUndefined();
      expect(headers['host']).toBe(new URL(api.url).host);
    }
    const headers = { 'content-type': 'text/plain' };
    expect((await send('/api/echo', { method: 'POST', headers }, 'hello')).body).toBe('hello');
  });

  it('passes on nothing that a browser could spoof', async () => {
    await signIn();
    const spoofed = {
      authorization: 'Bearer stolen',
      dpop: 'proof',
      forwarded: 'for=1.2.3.4',
      'x-forwarded-for': '1.2.3.4',
      'x-forwarded-host': 'evil.example',
      'x-real-ip': '1.2.3.4',
      'client-cert': ':AA==:',
      'crossfade-subject': 'admin',
      connection: 'close, x-named',
      'x-named': 'hop',
      te: 'trailers',
      'proxy-authorization': 'Basic eA==',
      host: 'evil.example',
      origin: APP,
      referer: `${APP}/orders`,
    };
    const { body } = await send('/api/orders', { headers: { ...spoofed, 'x-kept': 'yes', 'accept-language': 'de' } });
    const { headers } = JSON.parse(body) as { headers: Record<string, string> };
    const { host, authorization, connection, ...rest } = headers;
    expect(rest).toEqual({ 'x-kept': 'yes', 'accept-language': 'de' });
    expect([host, authorization, connection]).toEqual([
      new URL(api.url).host,
      expect.stringMatching(/^Bearer eyJ/),
      'keep-alive',
    ]);
  });

  it('drops what an API says for its own origin, and keeps responses out of shared caches', async () => {
    await signIn();
    const { headers } = await send('/api/cookies');
    expect(headers).toMatchObject({ 'x-kept': 'yes', 'cache-control': 'no-store', vary: 'Cookie' });
    for (const name of ['set-cookie', 'x-internal', 'access-control-allow-origin', 'clear-site-data']) {
      expect(headers[name]).toBeUndefined();
    }
  });

  it.each([
    ['a redirect', '/api/moved', 302, ''],
    ['no content', '/api/nothing', 204, ''],
    ['not modified', '/api/unchanged', 304, ''],
  ])('hands on %s', async (_, path, status, body) => {
    await signIn();
    expect(await send(path)).toMatchObject({ status, body });
  });

  it('hands on a HEAD without a body, with its length', async () => {
    await signIn();
    const shown = await send('/api/gzip', { method: 'HEAD' });
    expect([shown.status, shown.body, Number(shown.headers['content-length'])]).toEqual([
      200,
      '',
      expect.closeTo(100, -2),
    ]);
  });

  it('leaves a compressed body compressed', async () => {
    await signIn();
    const request = open('/api/gzip', { headers: { 'accept-encoding': 'gzip' } });
    request.end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    expect([response.headers['content-encoding'], response.headers['etag']]).toEqual(['gzip', '"z"']);
    expect(gunzipSync(Buffer.concat(chunks)).toString()).toBe(GZIPPED);
  });

  it('streams 10 MB both ways', async () => {
    await signIn();
    const request = open('/api/echo', { method: 'POST', headers: { 'content-type': 'application/octet-stream' } });
    const responded = once(request, 'response') as Promise<[IncomingMessage]>;
    const sending = (async () => {
      for (let part = 0; part < 10; part += 1) {
        if (!request.write(MEGABYTE)) await once(request, 'drain');
      }
      request.end();
    })();
    const [response] = await responded;
    let length = 0;
    for await (const chunk of response) length += (chunk as Buffer).byteLength;
    await sending;
    expect([response.statusCode, length]).toEqual([200, 10 * MEGABYTE.byteLength]);
    expect((await send('/api/download')).body).toHaveLength(10 * MEGABYTE.byteLength);
  });

  it('passes a body of a known length on with it', async () => {
    await signIn();
    const body = MEGABYTE.subarray(0, 200_000);
    const shown = await send('/api/lengths', { method: 'PUT', headers: { 'content-length': body.byteLength } }, body);
    expect(JSON.parse(shown.body)).toMatchObject({ headers: { 'content-length': '200000' } });
  });

  it('passes an event stream on piece by piece, and ends it when the browser goes away', async () => {
    await signIn();
    const request = open('/api/events', { headers: { accept: 'text/event-stream' } });
    request.end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.setEncoding('utf8');
    for (const data of ['one', 'two', 'three']) {
      const next = once(response, 'data');
      api.send(data);
      expect(await next).toEqual([`data: ${data}\n\n`]);
    }
    const closed = once(api.events, 'closed');
    response.on('error', () => {});
    request.destroy();
    expect(await closed).toEqual(['/v1/events']);
  });

  it('ends the request to an API that works on it when the browser goes away', async () => {
    await signIn();
    const arrived = once(api.events, 'request');
    const request = open('/api/hang', { method: 'POST', headers: { 'content-length': 2 } });
    request.on('error', () => {});
    request.end('{}');
    await arrived;
    await collectGarbage();
    const closed = once(api.events, 'closed');
    request.destroy();
    expect(await closed).toEqual(['/v1/hang']);
  });

  it('ends the request to an API when the browser goes away during its upload', async () => {
    await signIn();
    const arrived = once(api.events, 'request');
    const request = open('/api/hang', { method: 'POST' });
    request.on('error', () => {});
    request.write(MEGABYTE);
    await arrived;
    const closed = once(api.events, 'closed');
    request.destroy();
    expect(await closed).toEqual(['/v1/hang']);
  });

  it('breaks off a response that the API breaks off', async () => {
    await signIn();
    await expect(send('/api/half')).rejects.toThrow();
  });

  it('hands on a response that comes before the whole body', async () => {
    await signIn();
    const request = open('/api/early', { method: 'POST' });
    request.on('error', () => {});
    request.write(MEGABYTE);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(413);
    request.destroy();
  });

  it('gets one other token after a 401, and sends a body once more that is short', async () => {
    await signIn();
    await send('/api/orders');
    api.refused.add(lastToken());
    const shown = await send('/api/echo', { method: 'POST', headers: { 'content-length': 5 } }, 'hello');
    expect([shown.status, shown.body]).toEqual([200, 'hello']);
    expect(provider.requests.filter((grant) => grant === 'refresh_token')).toHaveLength(1);
  });

  it('gets one other token for 20 requests whose token an API refuses, and each succeeds', async () => {
    await signIn();
    await send('/api/orders');
    api.refused.add(lastToken());
    const answers = await Promise.all(Array.from({ length: 20 }, () => send('/api/orders')));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(20);
    expect(provider.requests.filter((grant) => grant === 'refresh_token')).toHaveLength(1);
  });

  it('sends a streamed body once: its 401 is handed on, and the next request has another token', async () => {
    await signIn();
    await send('/api/orders');
    api.refused.add(lastToken());
    const shown = await send('/api/echo', { method: 'POST', headers: { 'transfer-encoding': 'chunked' } }, 'hello');
    expect([shown.status, shown.body]).toEqual([401, '{"refused":true}']);
    await vi.waitFor(() => expect(provider.grants.at(-1)).toMatchObject({ grant_type: 'refresh_token' }));
    await vi.waitFor(async () => expect((await send('/api/orders')).status).toBe(200));
  });

  it('hands on a 401 that stays, and asks for no further token', async () => {
    await signIn();
    await send('/api/orders');
    api.refused.add(lastToken());
    api.events.on('request', () => api.refused.add(lastToken()));
    const answers = await Promise.all(Array.from({ length: 10 }, () => send('/api/orders')));
    expect(answers.map(({ status, body }) => [status, body])).toEqual(Array(10).fill([401, '{"refused":true}']));
    expect(provider.requests.filter((grant) => grant === 'refresh_token')).toHaveLength(1);
  });

  const lastToken = () => (api.received.at(-1)?.headers.authorization ?? '').replace('Bearer ', '');

  it('answers parallel requests, each with its own response', async () => {
    await signIn();
    const paths = Array.from({ length: 50 }, (_, index) => `/v1/orders/${index}`);
    const answers = await Promise.all(paths.map((path) => send(path.replace('/v1', '/api'))));
    expect(answers.map(({ body }) => (JSON.parse(body) as { url: string }).url)).toEqual(paths);
  });

  it('asks for a login with 401, and says where it is', async () => {
    const shown = await send('/api/orders');
    expect([shown.status, shown.headers['content-type'], JSON.parse(shown.body)]).toEqual([
      401,
      'application/problem+json',
      expect.objectContaining({ code: 'login_required', login: '/auth/login' }),
    ]);
    expect(api.received).toEqual([]);
  });

  it('refuses a state-changing request of another site, and reads its body', async () => {
    await signIn();
    const headers = { 'sec-fetch-site': 'cross-site' };
    expect(await send('/api/echo', { method: 'POST', headers }, MEGABYTE)).toMatchObject({ status: 403 });
    expect(events).toContainEqual({ type: 'request_refused', check: 'origin' });
    expect(api.received).toEqual([]);
    // The connection has room for the next request.
    expect((await send('/me')).status).toBe(200);
  });

  it.each([
    '/api/..%2fadmin',
    '/api/%2e%2e%2fadmin',
    '/api/..;/admin',
    '/api/x/..;y=1/..;/admin',
    '/api/%2e%2e;/admin',
    '/api/..%5cadmin',
    '/api/%252e%252e%252fadmin',
    '/api/x%2f..%2f..%2fadmin',
    '/api/.%00%2e%2fx/%2e.%2fadmin',
  ])('refuses %s, which a server could read as a path outside of the API', async (path) => {
    await signIn();
    expect((await send(path)).status).toBe(400);
    expect(api.received).toEqual([]);
  });

  it.each([
    ['/api/../admin', 404],
    ['/api/%2e%2e/admin', 404],
    ['/api/..\\admin', 404],
    ['//api/orders', 404],
    ['/api//evil.example/x', 200],
    ['/api/http://evil.example/', 200],
    ['/api/@evil.example/', 200],
    ['/api/orders;v=1', 200],
  ])('keeps %s inside: %i', async (path, status) => {
    await signIn();
    const answer = await rawGet(path);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(api.received.every(({ url, headers }) => url?.startsWith('/v1/') && headers.host === hostOf(api.url))).toBe(
      true,
    );
  });

  const hostOf = (url: string) => new URL(url).host;

  /** A request line as it is: clients of `node:http` and `fetch` would normalise it. */
  async function rawGet(target: string): Promise<string> {
    const { port, hostname } = new URL(server.base);
    const socket = connect(Number(port), hostname);
    socket.write(`GET ${target} HTTP/1.1\r\nhost: evil.example\r\ncookie: ${cookie()}\r\nconnection: close\r\n\r\n`);
    return text(socket);
  }

  it('takes the host of a request from nowhere but its options', async () => {
    await signIn();
    const answer = await rawGet('/auth/login?returnTo=/me');
    expect(answer).toContain(encodeURIComponent(`${APP}/auth/callback`));
    expect(answer).not.toContain('evil.example');
  });

  it('says that an API cannot be reached', async () => {
    await signIn();
    const shown = await send('/api/closed/orders');
    expect([shown.status, shown.headers['content-type'], JSON.parse(shown.body).code]).toEqual([
      502,
      'application/problem+json',
      'api_unreachable',
    ]);
  });

  it('says that an API did not respond in time, and leaves a body all the time that it takes', async () => {
    await server.close();
    await start({ apiTimeoutMs: 300 });
    await signIn();
    const closed = once(api.events, 'closed');
    const shown = await send('/api/hang');
    expect([shown.status, JSON.parse(shown.body).code]).toEqual([504, 'api_timeout']);
    expect(await closed).toEqual(['/v1/hang']);
    const request = open('/api/events');
    request.end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const startedAt = performance.now();
    await vi.waitFor(() => expect(performance.now() - startedAt).toBeGreaterThan(700), { timeout: 5000 });
    api.send('late');
    expect(String((await once(response, 'data'))[0])).toBe('data: late\n\n');
    response.on('error', () => {});
    request.destroy();
  });

  it('responds with 503 while there is no valid token and the provider is down', async () => {
    await provider.close();
    provider = await startProvider({ redirectUri: `${APP}/auth/callback`, accessTokenSeconds: 1 });
    await server.close();
    await start();
    await signIn();
    provider.fault = (response) => void response.writeHead(503, { 'retry-after': '7' }).end();
    const shown = await vi.waitFor(
      async () => {
        const answer = await send('/api/orders');
        expect(answer.status).toBe(503);
        return answer;
      },
      { timeout: 5000 },
    );
    expect(Number(shown.headers['retry-after'])).toBeGreaterThan(0);
    expect(shown.headers['content-type']).toBe('application/problem+json');
  });

  it('moves a session that a refresh cannot move, by a navigation to a page of the application', async () => {
    await server.close();
    const issuance = issuanceFixture({ refresh: 'reauthenticate' });
    let nowMs = Date.now();
    // Each reading is later than the one before, so that the spread is over at the second request.
    const now = () => {
      nowMs += 1;
      return nowMs;
    };
    await start({ selector: issuance.selector, silentLogin: { spread: '1ms' }, now });
    await signIn();
    Object.assign(issuance, { percent: 100, revision: '2' });
    await browser.visit(`${APP}/me`);
    const shown = await browser.visit(`${APP}/me?x=1`);
    expect([shown.url.href, shown.text]).toEqual([`${APP}/me?x=1`, '{"subject":"alice"}']);
    expect(browser.history.some((url) => url.includes('prompt=none'))).toBe(true);
    expect(JSON.parse((await send('/auth/user')).body)).toMatchObject({ side: 'target' });
  });

  it('says that it passes on no WebSocket', async () => {
    await signIn();
    const headers = { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
    expect(await send('/api/socket', { headers })).toMatchObject({ status: 501 });
  });
});
