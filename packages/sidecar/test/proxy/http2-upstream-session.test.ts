import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { resetStream } from '../../src/http2/http2-response.ts';
import { openUpstreamSession, type UpstreamSession } from '../../src/proxy/http2-upstream-session.ts';
import { type ArrivedFrame, collectFrames, END_HEADERS, frame, PREFACE } from '../fixture/http2-frames.ts';
import { type Listening, listenOnLoopback } from '../fixture/listening.ts';

const SOON = { timeout: 10_000 };

const SETTINGS = frame('SETTINGS', 0, 0, Buffer.alloc(0));
const ACK = 1;
const SECOND = 1_000;

let listening: Listening;
let api: Socket;
let frames: ArrivedFrame[];
let session: UpstreamSession;
let closed: (Error | undefined)[];
let rooms: number;

beforeEach(async () => {
  const server = createServer();
  listening = await listenOnLoopback(server);
  const arriving = once(server, 'connection') as Promise<[Socket]>;
  const socket = connect(listening.port, '127.0.0.1');
  [api] = await arriving;
  api.on('error', () => {});
  frames = collectFrames(api, PREFACE.length);
  const ends: (Error | undefined)[] = [];
  closed = ends;
  rooms = 0;
  api.write(SETTINGS);
  session = await new Promise<UpstreamSession>((onReady) => {
    openUpstreamSession(socket, {
      onReady,
      onRoom() {
        rooms += 1;
      },
      onClose: (_session, error) => ends.push(error),
    });
  });
});
afterEach(async () => {
  session.destroy();
  api.destroy();
  await listening.close();
});

const pings = () => frames.filter(({ type, flags }) => type === 'PING' && flags === 0);
const ask = () => session.request({ ':method': 'GET', ':path': '/' }, { endStream: true }).on('error', () => {});

it('asks an API from which nothing arrives by PING, and gives it no more streams until it says something', async () => {
  ask();
  const nowMs = performance.now();
  session.check(nowMs + 5 * SECOND);
  session.check(nowMs + 11 * SECOND);
  await vi.waitFor(() => expect(pings()).toHaveLength(1), SOON);
  expect(session.hasRoom()).toBe(true);
  session.check(nowMs + 22 * SECOND);
  expect(session.hasRoom()).toBe(false);
  const before = rooms;
  api.write(frame('PING', ACK, 0, pings()[0]?.payload ?? Buffer.alloc(8)));
  await vi.waitFor(() => expect(session.hasRoom()).toBe(true), SOON);
  expect(rooms).toBeGreaterThan(before);
  // A gRPC server takes frequent PINGs for an attack: the next one waits for data, or for five minutes.
  session.check(nowMs + 60 * SECOND);
  session.check(nowMs + 200 * SECOND);
  expect(pings()).toHaveLength(1);
  session.check(nowMs + 400 * SECOND);
  await vi.waitFor(() => expect(pings()).toHaveLength(2), SOON);
});

it('is left alone while streams are quiet for a shorter time, and closed with GOAWAY when it has none', async () => {
  const nowMs = performance.now();
  session.check(nowMs + 59 * SECOND);
  expect(pings()).toEqual([]);
  expect(session.hasRoom()).toBe(true);
  session.check(nowMs + 61 * SECOND);
  expect(session.hasRoom()).toBe(false);
  await vi.waitFor(() => expect(frames.some(({ type }) => type === 'GOAWAY')).toBe(true), SOON);
  await vi.waitFor(() => expect(closed).toEqual([undefined]), SOON);
});

it('is given up by an unanswered request, and closed once it has no streams', async () => {
  const stream = ask();
  session.suspect(performance.now());
  expect(session.hasRoom()).toBe(false);
  const ended = once(stream, 'close');
  stream.close();
  await ended;
  session.check(performance.now());
  await vi.waitFor(() => expect(closed).toEqual([undefined]), SOON);
});

it('takes as many streams as the API allows', async () => {
  api.write(frame('SETTINGS', 0, 0, Buffer.of(0, 3, 0, 0, 0, 2)));
  await vi.waitFor(() => {
    expect(rooms).toBeGreaterThan(0);
  }, SOON);
  ask();
  expect(session.hasRoom()).toBe(true);
  ask();
  expect(session.hasRoom()).toBe(false);
});

it('gets no more streams after 500 resets, which a server takes for an attack', async () => {
  for (let n = 0; n < 500; n += 1) {
    const stream = ask();
    const ended = once(stream, 'close');
    stream.close(8);
    await ended;
  }
  expect(session.hasRoom()).toBe(false);
  await vi.waitFor(() => expect(closed).toEqual([undefined]), SOON);
});

it('has room again for a stream that the API resets without an error while its upload waits', async () => {
  api.write(frame('SETTINGS', 0, 0, Buffer.of(0, 3, 0, 0, 0, 1)));
  await vi.waitFor(() => expect(rooms).toBeGreaterThan(0), SOON);
  const stream = session.request({ ':method': 'POST', ':path': '/' }, { endStream: false }).on('error', () => {});
  stream.end(Buffer.alloc(200_000));
  await vi.waitFor(() => expect(frames.filter(({ type }) => type === 'DATA').length).toBeGreaterThan(3), SOON);
  stream.resume().once('end', () => resetStream(stream, 8));
  const status = frame('HEADERS', END_HEADERS, 1, Buffer.of(0x88));
  api.write(Buffer.concat([status, frame('RST_STREAM', 0, 1, Buffer.alloc(4))]));
  await vi.waitFor(() => expect(session.hasRoom()).toBe(true), SOON);
});
