import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { sendBytes, sendRequest } from './fixture/http.ts';
import { startTestbed, type Testbed } from './fixture/testbed.ts';

let testbed: Testbed;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await testbed.close();
});

const LARGE = Buffer.alloc(32_000_000, 'x');
const LARGE_REQUEST = 'GET /large HTTP/1.1\r\nHost: a\r\n\r\n';

/** Opens a connection that misbehaves; `cut` resolves when it is closed. */
async function attack(begin: string): Promise<{ readonly socket: Socket; readonly cut: Promise<void> }> {
  const socket = connect(Number(new URL(testbed.sidecar.dataUrl).port), '127.0.0.1');
  sockets.push(socket);
  const cut = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(begin);
  if (begin !== LARGE_REQUEST) socket.resume();
  return { socket, cut };
}

/** Sends well-behaved requests one after the other until `stop`. */
function goodTraffic() {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const statuses = new Map<number, number>();
  let slowestMs = 0;
  let on = true;
  const run = async () => {
    while (on) {
      const startMs = performance.now();
      const { status } = await sendRequest(testbed.sidecar.dataUrl, { agent });
      slowestMs = Math.max(slowestMs, performance.now() - startMs);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  const running = Promise.all([run(), run()]);
  return {
    async stop() {
      on = false;
      await running;
      agent.destroy();
      return { statuses: Object.fromEntries(statuses), slowestMs };
    },
  };
}

test.each([
  ['never end their header section', 'GET / HTTP/1.1\r\nHost: a\r\nX-Slow', 40],
  ['stop sending in the middle of a body', 'POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nx', 40],
  ['stop reading in the middle of a response', LARGE_REQUEST, 4],
])(
  'cuts clients that %s, while other clients are served',
  async (_name, begin, count) => {
    testbed = await startTestbed({ headerTimeoutMs: 500, stallTimeoutMs: 500 });
    let brokenOff = 0;
    testbed.upstream.respond = (request, response) => {
      request.on('error', () => {}).resume();
      if (request.url !== '/large') return request.on('end', () => response.end('hello'));
      response.on('close', () => {
        brokenOff += 1;
      });
      return response.end(LARGE);
    };
    const traffic = goodTraffic();
    const attackers = await Promise.all(Array.from({ length: count }, () => attack(begin)));
    if (begin === LARGE_REQUEST) {
      // A client that does not read does not see the end either.
      await vi.waitFor(() => expect(brokenOff).toBe(count), { timeout: 30_000 });
      for (const { socket } of attackers) socket.resume();
    }
    await Promise.all(attackers.map(({ cut }) => cut));
    const { statuses, slowestMs } = await traffic.stop();
    expect(Object.keys(statuses)).toEqual(['200']);
    expect(slowestMs).toBeLessThan(5_000);
  },
  60_000,
);

test('a client that reads slowly gets its whole response', async () => {
  testbed = await startTestbed({ stallTimeoutMs: 400 });
  testbed.upstream.respond = (_request, response) => response.end(LARGE);
  const { socket, cut } = await attack('GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  let received = 0;
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length;
    socket.pause();
    setTimeout(() => socket.resume(), 1);
  });
  socket.resume();
  await cut;
  expect(received).toBeGreaterThan(LARGE.length);
});

test('a response that is silent for longer than all limits is not cut', async () => {
  testbed = await startTestbed({ headerTimeoutMs: 200, stallTimeoutMs: 200 });
  let next: () => void = () => {};
  const silence = new Promise<void>((resolve) => setTimeout(resolve, 1_000));
  testbed.upstream.respond = (_request, response) => {
    response.write('event');
    next = () => response.end(' last');
  };
  const asking = sendRequest(testbed.sidecar.dataUrl, { method: 'POST', body: 'x' });
  await silence;
  next();
  expect(await asking).toMatchObject({ status: 200, body: 'event last' });
});

test('a silent response is not cut because another is pipelined behind it', async () => {
  testbed = await startTestbed({ stallTimeoutMs: 200 });
  const silence = new Promise<void>((resolve) => setTimeout(resolve, 1_000));
  testbed.upstream.respond = (request, response) => {
    if (request.url === '/silent') void silence.then(() => response.end('first'));
    else response.end('second');
  };
  const request = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;
  const both = request('/silent') + request('/quick', 'Connection: close\r\n');
  expect(await sendBytes(testbed.sidecar.dataUrl, both)).toMatch(/first.*second/s);
});

test('rejects connections above the limit, and serves the existing ones', async () => {
  testbed = await startTestbed({ maxConnections: 3 });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  expect((await sendRequest(testbed.sidecar.dataUrl, { agent })).status).toBe(200);
  const attackers = await Promise.all(Array.from({ length: 5 }, () => attack('GET / HTTP/1.1\r\nX-Slow')));
  await Promise.all(attackers.slice(2).map(({ cut }) => cut));
  expect((await sendRequest(testbed.sidecar.dataUrl, { agent })).status).toBe(200);
  agent.destroy();
});
