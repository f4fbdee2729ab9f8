import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { ClientResponse } from '../../src/fast-path/client-response.ts';
import type { SimpleRequest } from '../../src/fast-path/simple-request.ts';
import { createDataServer } from '../../src/proxy/data-server.ts';
import { sendBytes, sendRequest } from '../fixture/http.ts';
import { LIMITS } from '../fixture/limits.ts';
import { type Listening, listenOnLoopback } from '../fixture/listening.ts';

let listening: Listening | undefined;
afterEach(() => listening?.close());

async function open(
  handle: Parameters<typeof createDataServer>[0]['handle'] = (_request, response) => response.end('ok'),
) {
  const fastPath = {
    handle: (_request: SimpleRequest, response: ClientResponse) => response.handOver(),
    closing: () => false,
  };
  const { server, stop } = createDataServer({ fastPath, handle }, LIMITS);
  listening = await listenOnLoopback(server);
  return { server, stop, url: listening.url };
}

test('a header section of 60 KB is accepted, and a larger one rejected', async () => {
  const { url } = await open();
  expect((await sendRequest(url, { headers: { 'x-large': 'x'.repeat(60_000) } })).status).toBe(200);
  const response = await sendBytes(
    url,
    `GET / HTTP/1.1\r\nHost: a\r\nX-Larger: ${'x'.repeat(70_000)}\r\n\r\n`,
    (text) => text.includes('\r\n\r\n'),
  );
  expect(response).toMatch(/^HTTP\/1.1 431 /);
});

test('no header is dropped, however many there are', async () => {
  const { url } = await open((request, response) => response.end(request.headers.authorization ?? 'dropped'));
  const many = Array.from({ length: 5_000 }, (_, index) => `a${index}: b\r\n`).join('');
  const response = await sendBytes(
    url,
    `GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${many}Authorization: kept\r\n\r\n`,
  );
  expect(response).toMatch(/kept/);
});

test('without a handler for upgrades, a request is served as if it had no Upgrade', async () => {
  const { url } = await open();
  const response = await sendBytes(
    url,
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: close, upgrade\r\nUpgrade: websocket\r\n\r\n',
  );
  expect(response).toMatch(/^HTTP\/1.1 200 /);
});

test('the server stops about a second after the last request, even with idle connections', async () => {
  const { server, stop, url } = await open();
  const { port } = new URL(url);
  const idle = connect(Number(port), '127.0.0.1');
  idle.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(idle, 'data');
  const startMs = performance.now();
  await stop(10_000);
  expect(performance.now() - startMs).toBeGreaterThan(900);
  expect(server.listening).toBe(false);
  idle.destroy();
});

test('the server stops at once without a connection', async () => {
  const { stop } = await open();
  const startMs = performance.now();
  await stop(10_000);
  expect(performance.now() - startMs).toBeLessThan(900);
});

test('the server closes connections whose requests do not end in time', async () => {
  const { server, stop, url } = await open(() => {});
  const asking = sendRequest(url).catch((error: Error) => error.message);
  await once(server, 'request');
  await stop(50);
  expect(await asking).toBe('socket hang up');
});
