import { Agent, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createDataServer, type DataServer } from '../../src/proxy/data-server.ts';
import { createCertificate } from '../fixture/certificate.ts';
import { sendBytes, sendRequest } from '../fixture/http.ts';
import { LIMITS } from '../fixture/limits.ts';
import { listenOnLoopback } from '../fixture/listening.ts';
import { BOTH_PATHS, startTestbed, type Testbed } from '../fixture/testbed.ts';

const POST = (path: string, more = '') =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\n${more}Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n`;
const GET = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;
const LAST = 'Connection: close\r\n';

describe.each(BOTH_PATHS)('a client connection, %s,', (_name, settings) => {
  let testbed: Testbed | undefined;
  afterEach(() => testbed?.close());
  const start = async (more = {}) => {
    testbed = await startTestbed({ ...settings, ...more });
    return testbed;
  };

  test('has its pipelined requests sent to the API one after the other, in order', async () => {
    const { upstream, sidecar } = await start();
    const events: string[] = [];
    upstream.respond = (request, response) => {
      events.push(`begin ${request.url}`);
      request.resume().on('end', () =>
        setTimeout(() => {
          events.push(`end ${request.url}`);
          response.end(request.url);
        }, 20),
      );
    };
    const requests = [POST('/1'), GET('/2'), POST('/3'), POST('/4', LAST)];
    const text = await sendBytes(sidecar.dataUrl, requests.join(''));
    expect(text.match(/\/\d(?!\.)/g)).toEqual(['/1', '/2', '/3', '/4']);
    expect(events).toEqual(['/1', '/2', '/3', '/4'].flatMap((path) => [`begin ${path}`, `end ${path}`]));
  });

  test('stays open after responses of every kind, and leaves no listener behind', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    const { upstream, sidecar } = await start();
    const clients = new Set<unknown>();
    upstream.respond = (request, response) => {
      request.resume();
      // The fast path does not read a response that an informational one comes before.
      if (request.url === '/hints') response.writeEarlyHints({ link: '</a>' });
      response.end('hello');
    };
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    agent.on('free', (socket) => clients.add(socket));
    for (let round = 0; round < 15; round += 1) {
      for (const [path, method, headers] of [
        ['/hints', 'GET', {}],
        ['/', 'POST', { 'transfer-encoding': 'chunked' }],
        ['/', 'GET', { connection: 'upgrade', upgrade: 'h2c' }],
        ['/', 'POST', { expect: '100-continue' }],
        ['/', 'GET', {}],
      ] as const) {
        const body = method === 'POST' ? { body: 'x' } : {};
        const response = await sendRequest(`${sidecar.dataUrl}${path}`, { method, headers, agent, ...body });
        expect([response.status, response.body]).toEqual([200, 'hello']);
      }
    }
    agent.destroy();
    process.off('warning', onWarning);
    expect(clients.size).toBe(1);
    expect(warnings).toEqual([]);
  });

  test('is announced as long as idleTimeout says, and closed after it', async () => {
    const { sidecar } = await start({ idleTimeoutMs: 1_000 });
    const closed = sendBytes(sidecar.dataUrl, GET('/') + POST('/'));
    const text = await closed;
    expect(text.match(/Keep-Alive: timeout=1\r\n/g)).toHaveLength(2);
  });

  test.each([
    [
      'gets 400 for an upgrade without Host',
      `GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n`,
      400,
    ],
    ['gets 501 for a transfer coding that is unknown', POST('/').replace('chunked', 'gzip, chunked'), 501],
    ['gets 400 for a transfer coding in HTTP/1.0', POST('/').replace('/1.1', '/1.0'), 400],
    ['gets 417 for an expectation that is unknown', GET('/', `Expect: 200-ok\r\n${LAST}`), 417],
    ['gets 431 for a header section that is too large', GET('/', `X: ${'a'.repeat(70_000)}\r\n`), 431],
    ['gets 431 for one that has not ended and is too large', `GET / HTTP/1.1\r\nX: ${'a'.repeat(70_000)}`, 431],
    ['gets 400 for what is no HTTP', '\x16\x03\x01\x02\x00\x01\x00', 400],
  ])('%s', async (_kind, text, status) => {
    const { upstream, sidecar } = await start();
    expect(await sendBytes(sidecar.dataUrl, text)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(upstream.seen).toEqual([]);
  });

  test('is read as strictly after an Upgrade that no Connection names', async () => {
    const { upstream, sidecar } = await start();
    const smuggled = POST('/2').replace('chunked', 'gzip, chunked');
    const text = await sendBytes(sidecar.dataUrl, GET('/1', 'Upgrade: websocket\r\n') + smuggled);
    expect(text.match(/(?<=HTTP\/1\.1 )\d+/g)).toEqual(['200', '501']);
    expect(upstream.seen.map(({ url }) => url)).toEqual(['/1']);
  });

  test('of HTTP/1.0 gets no 100', async () => {
    const { sidecar } = await start();
    const expecting = 'POST / HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx';
    expect(await sendBytes(sidecar.dataUrl, expecting)).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('may send empty lines before a request, and half a request later', async () => {
    const { sidecar, upstream } = await start();
    const socket = connect(Number(new URL(sidecar.dataUrl).port), '127.0.0.1').setNoDelay();
    let text = '';
    socket.on('data', (chunk) => (text += chunk));
    const whole = `\r\n${GET('/1')}\r\n\r\n${POST('/2')}\r\n${GET('/3', LAST)}`;
    for (const piece of whole.match(/[\s\S]{1,9}/g) ?? []) {
      socket.write(piece);
      await new Promise(setImmediate);
    }
    await vi.waitFor(() => expect(socket.destroyed).toBe(true));
    expect(text.match(/HTTP\/1\.1 200 /g)).toHaveLength(3);
    expect(upstream.seen.map(({ url }) => url)).toEqual(['/1', '/2', '/3']);
  });

  test('speaks HTTP/1.0, and keeps it alive if the client asks for it', async () => {
    const { sidecar } = await start();
    const old = (more: string) => `GET / HTTP/1.0\r\nHost: a\r\n${more}\r\n`;
    const text = await sendBytes(sidecar.dataUrl, old('Connection: keep-alive\r\n') + old(''));
    expect(text.match(/HTTP\/1\.1 200 /g)).toHaveLength(2);
  });
});

describe('a time limit of one second', () => {
  const limits = { ...LIMITS, headerTimeoutMs: 1_000 };
  const { cert, key } = createCertificate();
  const pair = { cert: Buffer.from(cert), key: Buffer.from(key) };
  let data: DataServer;
  afterEach(() => data.stop(0));

  const handle = (_request: IncomingMessage, response: { end(text: string): void }) => response.end('ok');
  const fastPath = { handle: () => expect.unreachable(), closing: () => false };

  test.each([
    ['for a header section on the fast path', { handle, fastPath }, 'GET / HTTP/1.1\r\n', undefined],
    ['for a header section over node:http', { handle }, 'GET / HTTP/1.1\r\n', undefined],
    ['for the first byte', { handle, fastPath }, '', undefined],
    ['for a TLS handshake', { handle, fastPath }, '\x16\x03\x01', pair],
  ])('%s is kept to within a quarter', async (_name, handlers, text, keyPair) => {
    data = createDataServer(handlers, limits, keyPair);
    const { port } = await listenOnLoopback(data.server);
    const startMs = performance.now();
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    socket.write(text, 'latin1');
    await new Promise((resolve) => socket.resume().once('close', resolve));
    const tookMs = performance.now() - startMs;
    expect(tookMs).toBeGreaterThan(900);
    // A quarter, and what a busy machine takes.
    expect(tookMs).toBeLessThan(1_250 + 400);
  });

  test('for a header section counts from the end of the TLS handshake', async () => {
    data = createDataServer({ handle, fastPath }, limits, pair);
    const { port } = await listenOnLoopback(data.server);
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }).on('error', () => {});
    let text = '';
    socket.on('data', (chunk) => (text += chunk));
    socket.write('GET / HTTP/1.1\r\n');
    await new Promise((resolve) => socket.once('close', resolve));
    expect(text).toMatch(/^HTTP\/1.1 408 /);
  });
});
