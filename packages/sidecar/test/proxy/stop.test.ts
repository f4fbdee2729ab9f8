import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { SidecarPlan } from '@crossfade/core';
import { afterEach, expect, test } from 'vitest';
import { createDataServer } from '../../src/proxy/data-server.ts';
import { createCertificate } from '../fixture/certificate.ts';
import { LIMITS } from '../fixture/limits.ts';
import { listenOnLoopback } from '../fixture/listening.ts';
import { startTestbed, type Testbed } from '../fixture/testbed.ts';

const WEBSOCKET = 'GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
const SWITCHED = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
const DRAIN_MS = 1_000;

let testbed: Testbed | undefined;
let client: Socket | undefined;
afterEach(async () => {
  client?.destroy();
  await testbed?.close();
  testbed = undefined;
});

async function start(settings: Partial<SidecarPlan>): Promise<Testbed> {
  testbed = await startTestbed(settings);
  return testbed;
}

/** Keeps its side open, whatever the sidecar does. */
function open(url: string, text: string): Socket {
  client = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true });
  client.on('error', () => {}).resume();
  client.write(text);
  return client;
}

async function stopMs({ sidecar }: Testbed): Promise<number> {
  const startMs = performance.now();
  await sidecar.close();
  return performance.now() - startMs;
}

test('an upgrade that the API does not respond to ends with drainTimeout', async () => {
  const started = await start({ drainTimeoutMs: DRAIN_MS });
  const asked = new Promise<void>((resolve) => {
    started.upstream.upgrade = () => resolve();
  });
  open(started.sidecar.dataUrl, WEBSOCKET);
  await asked;
  expect(await stopMs(started)).toBeLessThan(DRAIN_MS + 1_000);
});

test('an upgrade to which the API agrees after the stop began ends at once', async () => {
  const started = await start({ drainTimeoutMs: 20_000 });
  const asked = new Promise<() => void>((resolve) => {
    started.upstream.upgrade = (_request, socket) => resolve(() => socket.write(SWITCHED));
  });
  open(started.sidecar.dataUrl, WEBSOCKET);
  const agree = await asked;
  const stopped = stopMs(started);
  agree();
  expect(await stopped).toBeLessThan(10_000);
});

test('an upgrade that the API refused leaves no connection, though the client keeps its side open', async () => {
  const started = await start({ drainTimeoutMs: 20_000 });
  started.upstream.upgrade = (_request, socket) => socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n');
  await once(open(started.sidecar.dataUrl, WEBSOCKET), 'end');
  expect(await stopMs(started)).toBeLessThan(10_000);
});

test('an Upgrade that no Connection names keeps no connection from the fast path', async () => {
  const started = await start({ drainTimeoutMs: 20_000 });
  await once(open(started.sidecar.dataUrl, WEBSOCKET.replace('Upgrade\r\n', 'keep-alive\r\n')), 'data');
  expect(await stopMs(started)).toBeLessThan(10_000);
});

test('a TLS handshake that does not end lasts as long as the stop may take', async () => {
  const { cert, key } = createCertificate();
  const pair = { cert: Buffer.from(cert), key: Buffer.from(key) };
  const { server, stop } = createDataServer({ handle: () => expect.unreachable() }, LIMITS, pair);
  const { url } = await listenOnLoopback(server);
  const arrived = once(server, 'connection');
  open(url, '\x16\x03\x01');
  await arrived;
  const startMs = performance.now();
  await stop(200);
  expect(performance.now() - startMs).toBeLessThan(10_000);
});
