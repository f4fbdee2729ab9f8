import { createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createHttp2Sessions, type Http2Sessions } from '../../src/http2/http2-sessions.ts';
import {
  connectFrames,
  END_HEADERS,
  END_STREAM,
  type FrameClient,
  frame,
  GET,
  headerBlock,
} from '../fixture/http2-frames.ts';
import { type Listening, listenOnLoopback } from '../fixture/listening.ts';

const SOON = { timeout: 5_000 };
const RESET = Buffer.of(0, 0, 0, 8);
const RESET_NO_ERROR = Buffer.alloc(4);
/** More than a client's window, and than Node.js takes from a writer. */
const BIG = Buffer.alloc(200_000);
const FRAME_BYTES = 16_384;

let sessions: Http2Sessions;
let listening: Listening;
let client: FrameClient;
let paths: string[];
let closedStreams: number;
let sockets: Set<Socket>;
const LIMITS = { headerTimeoutMs: 30_000, idleTimeoutMs: 75_000 };
const SHORT = { headerTimeoutMs: 400, idleTimeoutMs: 800 };

function serve(socket: Socket): void {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
  sessions.serve(socket);
}
async function open(limits: typeof LIMITS) {
  paths = [];
  closedStreams = 0;
  sockets = new Set();
  sessions = createHttp2Sessions((stream, rawHeaders) => {
    const path = rawHeaders[rawHeaders.indexOf(':path') + 1] ?? '';
    paths.push(path);
    stream.on('error', () => {});
    stream.once('close', () => {
      closedStreams += 1;
    });
    if (path === '/open') return;
    stream.respond({ ':status': 200 });
    stream.end(path === '/big' ? BIG : 'hello');
  }, limits);
  listening = await listenOnLoopback(createServer(serve));
  client = await connectFrames(listening.port);
}
async function close() {
  client.close();
  sessions.destroy();
  await listening.close();
}
async function reopen() {
  await close();
  await open(SHORT);
}
beforeEach(() => open(LIMITS));
afterEach(close);

const arrived = (type: string, stream?: number) =>
  client.arrived.filter((frame) => frame.type === type && (stream === undefined || frame.stream === stream));
const ask = (stream: number, path = '/') =>
  client.send('HEADERS', END_STREAM | END_HEADERS, stream, headerBlock({ ...GET, ':path': path }));

/** Sends a header section in as many frames as it needs. */
function sendBlock(stream: number, block: Buffer): void {
  for (let at = 0; at < block.length; at += FRAME_BYTES) {
    const isLast = at + FRAME_BYTES >= block.length;
    const flags = (at === 0 ? END_STREAM : 0) | (isLast ? END_HEADERS : 0);
    client.send(at === 0 ? 'HEADERS' : 'CONT', flags, stream, block.subarray(at, at + FRAME_BYTES));
  }
}

it('takes a header section of up to 64 KiB, in as many fields as fit', async () => {
  const cookies = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`x-${n}`, 'v']));
  sendBlock(1, headerBlock({ ...GET, ...cookies }));
  sendBlock(3, headerBlock({ ...GET, 'x-big': 'a'.repeat(60_000) }));
  await vi.waitFor(
    () => expect(arrived('DATA').map(({ stream }) => stream)).toEqual(expect.arrayContaining([1, 3])),
    SOON,
  );
});

it.each([
  ['of more bytes', { 'x-1': 'a'.repeat(33_000), 'x-2': 'a'.repeat(33_000) }],
  ['of more fields', Object.fromEntries(Array.from({ length: 2_100 }, (_, n) => [`x-${n}`, '']))],
])('refuses one %s, and serves the connection on', async (_name, fields) => {
  sendBlock(1, headerBlock({ ...GET, ...fields }));
  ask(3);
  await vi.waitFor(() => expect(arrived('DATA', 3)).not.toEqual([]), SOON);
  expect(arrived('DATA', 1)).toEqual([]);
  expect(paths).toHaveLength(1);
});

it('refuses streams above 100 at a time', async () => {
  for (let n = 0; n < 101; n += 1) ask(1 + 2 * n, '/open');
  await vi.waitFor(() => expect(arrived('RST_STREAM')).toHaveLength(1), SOON);
  expect(arrived('RST_STREAM')[0]).toMatchObject({ stream: 201, payload: Buffer.of(0, 0, 0, 7) });
});

it.each([
  [
    'resets streams as fast as it opens them',
    (n: number) => {
      ask(1 + 2 * n, '/open');
      client.send('RST_STREAM', 0, 1 + 2 * n, RESET);
    },
  ],
  [
    'makes the server reset them',
    (n: number) => {
      ask(1 + 2 * n, '/open');
      client.send('WINDOW', 0, 1 + 2 * n, Buffer.of(0x7f, 0xff, 0xff, 0xff));
    },
  ],
  ['sends PINGs', () => client.send('PING', 0, 0, Buffer.alloc(8))],
  ['sends SETTINGS', () => client.send('SETTINGS', 0, 0)],
  [
    'never ends a header section',
    (n: number) => {
      if (n === 0) client.send('HEADERS', END_STREAM, 1, headerBlock(GET));
      else client.send('CONT', 0, 1, headerBlock({ a: 'b' }));
    },
  ],
  [
    'sends empty data',
    (n: number) => {
      if (n === 0) client.send('HEADERS', END_HEADERS, 1, headerBlock({ ...GET, ':path': '/open' }));
      else client.send('DATA', 0, 1);
    },
  ],
])('gives up a client that %s', async (_name, flood) => {
  // Node.js keeps a connection that nghttp2 has given up: it is idle.
  await reopen();
  for (let n = 0; n < 10_000 && !client.isClosed(); n += 1) {
    flood(n);
    if (n % 500 === 499) await new Promise((resolve) => setImmediate(resolve));
  }
  await vi.waitFor(() => expect(arrived('GOAWAY').length > 0 || client.isClosed()).toBe(true), SOON);
  expect(paths.length).toBeLessThan(2_000);
  await vi.waitFor(() => expect(client.isClosed()).toBe(true), SOON);
});

it('closes a connection that sends no SETTINGS', async () => {
  await reopen();
  const { connect } = await import('node:net');
  const socket = connect(listening.port, '127.0.0.1').on('error', () => {});
  const startMs = performance.now();
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  await new Promise((resolve) => socket.resume().once('close', resolve));
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(SHORT.headerTimeoutMs - 10);
});

it('closes a connection that does not finish a header section, whatever it sends', async () => {
  await reopen();
  await vi.waitFor(() => expect(arrived('SETTINGS').length).toBeGreaterThan(0), SOON);
  client.send('HEADERS', END_STREAM, 1, headerBlock(GET));
  const head = Buffer.from([0, 0xff, 0xff, 9, 0, 0, 0, 0, 1]);
  client.socket.write(head);
  const drip = setInterval(() => client.socket.write(Buffer.of(0)), 50);
  await vi.waitFor(() => expect(client.isClosed()).toBe(true), SOON);
  clearInterval(drip);
  expect(paths).toEqual([]);
});

it('closes an idle connection with GOAWAY, even one that sends PINGs, and none with a stream', async () => {
  await reopen();
  const other = await connectFrames(listening.port);
  other.send('HEADERS', END_STREAM | END_HEADERS, 1, headerBlock({ ...GET, ':path': '/open' }));
  ask(1);
  const pings = setInterval(() => client.send('PING', 0, 0, Buffer.alloc(8)), 100);
  await vi.waitFor(() => expect(client.isClosed()).toBe(true), SOON);
  clearInterval(pings);
  expect(arrived('GOAWAY')[0]?.payload.readUInt32BE(4)).toBe(0);
  expect(other.isClosed()).toBe(false);
  other.close();
});

it('survives clients that open streams behind a GOAWAY, which crash a plain server of Node.js 20', async () => {
  const burst = [frame('GOAWAY', 0, 0, Buffer.alloc(8))];
  for (let stream = 1; stream < 120; stream += 2) {
    burst.push(frame('HEADERS', END_STREAM | END_HEADERS, stream, headerBlock(GET)));
  }
  for (let n = 0; n < 200; n += 1) {
    const hostile = await connectFrames(listening.port);
    hostile.socket.write(Buffer.concat(burst));
    await vi.waitFor(() => expect(hostile.arrived.length > 2 || hostile.isClosed()).toBe(true), SOON);
    hostile.close();
  }
  ask(1);
  await vi.waitFor(() => expect(arrived('DATA', 1)).toHaveLength(1), SOON);
});

it('finishes the streams of a client that has sent GOAWAY, or was sent one, and takes no more', async () => {
  ask(1, '/open');
  await vi.waitFor(() => expect(paths).toHaveLength(1), SOON);
  sessions.close();
  await vi.waitFor(() => expect(arrived('GOAWAY')).toHaveLength(1), SOON);
  ask(3);
  client.send('PING', 0, 0, Buffer.alloc(8));
  await vi.waitFor(() => expect(arrived('PING')).toHaveLength(1), SOON);
  expect([paths, client.isClosed()]).toEqual([['/open'], false]);
  client.send('RST_STREAM', 0, 1, RESET);
  await vi.waitFor(() => expect(client.isClosed()).toBe(true), SOON);
});

it('ends a response that its client resets without an error, and the connection once it is idle', async () => {
  await reopen();
  ask(1, '/big');
  await vi.waitFor(() => expect(arrived('DATA', 1)).not.toEqual([]), SOON);
  client.send('RST_STREAM', 0, 1, RESET_NO_ERROR);
  await vi.waitFor(() => expect(closedStreams).toBe(1), SOON);
  await vi.waitFor(() => expect(client.isClosed()).toBe(true), SOON);
});

it('closes the socket of a client that resets a response without an error and leaves with another', async () => {
  await reopen();
  ask(1, '/big');
  ask(3, '/open');
  await vi.waitFor(() => expect(arrived('DATA', 1)).not.toEqual([]), SOON);
  // After the last stream behind a GOAWAY, Node.js no longer reads, and does not hear of the end of the connection.
  client.send('RST_STREAM', 0, 1, RESET_NO_ERROR);
  client.send('GOAWAY', 0, 0, Buffer.alloc(8));
  client.send('RST_STREAM', 0, 3, RESET);
  await vi.waitFor(() => expect(closedStreams).toBeGreaterThan(0), SOON);
  client.close();
  await vi.waitFor(() => expect([closedStreams, sockets.size]).toEqual([2, 0]), SOON);
});
