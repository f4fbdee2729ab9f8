import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { connect } from 'node:http2';
import type { SidecarPlan } from '@crossfade/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { sendRequest } from './fixture/http.ts';
import { startHttp2Upstream } from './fixture/http2-upstream.ts';
import { freePort, listenOnLoopback } from './fixture/listening.ts';
import { createRecordingLog } from './fixture/log.ts';
import { startTestbed, type Testbed } from './fixture/testbed.ts';

/** Sends one request. @returns the status. */
type Send = (url: string) => Promise<number>;

const overHttp1: Send = async (url) => (await sendRequest(url)).status;

const overHttp2: Send = async (url) => {
  const session = connect(url);
  const stream = session.request({ ':path': '/' });
  const [headers] = await once(stream, 'response');
  stream.resume();
  await once(stream, 'close');
  session.close();
  return Number(headers[':status']);
};

const asUpgrade: Send = async (url) => {
  const request = httpRequest(url, { headers: { connection: 'upgrade', upgrade: 'websocket' } }).end();
  const [response] = (await Promise.race([once(request, 'response'), once(request, 'upgrade')])) as [IncomingMessage];
  response.resume();
  response.socket.destroy();
  return response.statusCode ?? 0;
};

const LANES: readonly [string, Partial<SidecarPlan>, Send][] = [
  ['on the fast path', {}, overHttp1],
  ['over node:http', { fastPath: false }, overHttp1],
  ['over HTTP/2', {}, overHttp2],
  ['for an upgrade', {}, asUpgrade],
];

let log: ReturnType<typeof createRecordingLog>;
let nowMs: number;
let testbed: Testbed;
const opened: { close(): Promise<void> }[] = [];
beforeEach(() => {
  log = createRecordingLog();
  nowMs = Date.now();
});
afterEach(async () => {
  await testbed.close();
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

async function start(settings: Partial<SidecarPlan>): Promise<string> {
  testbed = await startTestbed(settings, { logger: log, now: () => nowMs });
  return testbed.sidecar.dataUrl;
}

const linesOfApi = () => log.lines.filter(({ fields }) => fields['event'] === 'upstream');

async function startApi(server: Server, port: number): Promise<void> {
  opened.push(await listenOnLoopback(server, port));
}

describe.each(LANES)('%s', (_lane, settings, send) => {
  test('an API that is down leaves one line when it begins, one when it responds again, and the count', async () => {
    const port = await freePort();
    const url = await start({ ...settings, upstream: `http://127.0.0.1:${port}` });
    expect((await testbed.status()).upstream).toEqual({ failures: 0, lastFailureAt: null, lastCode: null });
    for (let sent = 0; sent < 5; sent += 1) expect(await send(url)).toBe(502);
    expect(linesOfApi()).toEqual([{ level: 'warn', fields: { event: 'upstream', code: 'ECONNREFUSED' } }]);
    const lastFailureAt = new Date(nowMs).toISOString();
    expect((await testbed.status()).upstream).toEqual({ failures: 5, lastFailureAt, lastCode: 'ECONNREFUSED' });

    await startApi(
      createServer((_request, response) => response.end('orders')),
      port,
    );
    nowMs += 9_000;
    expect(await send(url)).toBe(200);
    expect(linesOfApi()).toHaveLength(1);
    nowMs += 1_000;
    for (let sent = 0; sent < 3; sent += 1) expect(await send(url)).toBe(200);
    expect(linesOfApi().slice(1)).toEqual([{ level: 'info', fields: { event: 'upstream', failures: 5 } }]);
    expect((await testbed.status()).upstream).toMatchObject({ failures: 5, lastFailureAt });
  });

  test('an API that hangs leaves a timeout', async () => {
    const url = await start({ ...settings, responseTimeoutMs: 300 });
    testbed.upstream.respond = () => {};
    testbed.upstream.upgrade = () => {};
    expect(await send(url)).toBe(504);
    expect(linesOfApi()).toEqual([{ level: 'warn', fields: { event: 'upstream', code: 'timeout' } }]);
  });

  test('an API of HTTP/2 behind upstreamProtocol: http1 is recognised', async () => {
    const api = await startHttp2Upstream();
    opened.push(api);
    const warn = vi.spyOn(log, 'warn');
    const url = await start({ ...settings, upstream: api.url });
    expect(await send(url)).toBe(502);
    expect(warn.mock.calls).toContainEqual([
      { event: 'upstream', code: 'ERR_UPSTREAM_NOT_HTTP1' },
      'the API does not speak HTTP/1.1; does it speak HTTP/2 (sidecar.upstreamProtocol: h2)?',
    ]);
    expect(linesOfApi()).toHaveLength(1);
  });

  test('an API that breaks the rules leaves invalid_response', async () => {
    const url = await start(settings);
    const broken = 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok';
    testbed.upstream.respond = (request) => request.socket.end(broken);
    testbed.upstream.upgrade = (_request, socket) => socket.end(broken);
    expect(await send(url)).toBe(502);
    expect((await testbed.status()).upstream?.lastCode).toBe('invalid_response');
  });
});

test('over HTTP/2 to the API, one that is down leaves a line, and a stream that the API cancels none', async () => {
  const port = await freePort();
  const url = await start({ upstream: `http://127.0.0.1:${port}`, upstreamProtocol: 'h2' });
  expect(await overHttp1(url)).toBe(502);
  expect(linesOfApi()).toEqual([{ level: 'warn', fields: { event: 'upstream', code: 'ECONNREFUSED' } }]);
  await testbed.close();

  const api = await startHttp2Upstream();
  opened.push(api);
  api.respond = (stream) => stream.close(8);
  const other = await start({ upstream: api.url, upstreamProtocol: 'h2' });
  expect(await overHttp1(other)).toBe(502);
  expect((await testbed.status()).upstream?.failures).toBe(0);
  api.respond = (stream) => stream.close(2);
  expect(await overHttp1(other)).toBe(502);
  expect((await testbed.status()).upstream).toMatchObject({ failures: 1, lastCode: 'stream_reset' });
});

test('an API with every second instance down leaves one line', async () => {
  const url = await start({});
  let count = 0;
  testbed.upstream.respond = (request, response) => {
    count += 1;
    if (count % 2 === 0) response.end('orders');
    else request.socket.destroy();
  };
  const statuses: number[] = [];
  for (let sent = 0; sent < 20; sent += 1) {
    const request = httpRequest(url, { method: 'POST' }).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    statuses.push(response.resume().statusCode ?? 0);
    nowMs += 500;
  }
  expect(statuses.filter((status) => status === 502)).toHaveLength(10);
  expect(linesOfApi()).toHaveLength(1);
});

test('a client that leaves is no failure of the API', async () => {
  const url = await start({});
  const arrived = new Promise<void>((resolve) => {
    testbed.upstream.respond = () => resolve();
  });
  const request = httpRequest(url)
    .on('error', () => {})
    .end();
  await arrived;
  request.destroy();
  await vi.waitFor(async () => expect((await testbed.status()).audiences.none.rejected).toBe(1));
  testbed.upstream.respond = (_request, response) => response.end('orders');
  expect(await overHttp1(url)).toBe(200);
  expect((await testbed.status()).upstream?.failures).toBe(0);
});

test('forward-auth forwards nothing, and says nothing of the API', async () => {
  await start({ mode: 'forward-auth' });
  expect(await testbed.status()).not.toHaveProperty('upstream');
});
