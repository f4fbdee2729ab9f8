import { createServer } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { collectFrames, END_HEADERS, END_STREAM, frame, headerBlock } from '../fixture/http2-frames.ts';
import { type Listening, listenOnLoopback } from '../fixture/listening.ts';
import { startTestbed, type Testbed } from '../fixture/testbed.ts';

const PREFACE_BYTES = 24;
const POLL_MS = 5;

let api: Listening;
let isHead: boolean;
let testbed: Testbed;

/** An API that sends half of the body, and resets the stream without an error (RFC 9113 §8.1); then whole responses. */
beforeEach(async () => {
  let asked = 0;
  isHead = false;
  const server = createServer((socket) => {
    const arrived = collectFrames(socket, PREFACE_BYTES);
    let read = 0;
    socket.on('error', () => {});
    socket.write(frame('SETTINGS', 0, 0, Buffer.alloc(0)));
    const reading = setInterval(() => {
      for (const { type, flags, stream } of arrived.slice(read)) {
        if (type === 'SETTINGS' && flags === 0) socket.write(frame('SETTINGS', 1, 0, Buffer.alloc(0)));
        if (type === 'HEADERS') respond(stream);
      }
      read = arrived.length;
    }, POLL_MS);
    socket.on('close', () => clearInterval(reading));
    const respond = (stream: number) => {
      asked += 1;
      socket.write(frame('HEADERS', END_HEADERS, stream, headerBlock({ ':status': '200', 'content-length': '10' })));
      if (isHead) return void socket.write(frame('DATA', END_STREAM, stream, Buffer.alloc(0)));
      if (asked > 1) return void socket.write(frame('DATA', END_STREAM, stream, Buffer.from('0123456789')));
      socket.write(frame('DATA', 0, stream, Buffer.from('01234')));
      return void socket.write(frame('RST_STREAM', 0, stream, Buffer.alloc(4)));
    };
  });
  api = await listenOnLoopback(server);
  testbed = await startTestbed({ upstream: `http://127.0.0.1:${api.port}`, upstreamProtocol: 'h2' });
});
afterEach(async () => {
  await testbed.close();
  await api.close();
});

it('a body that is shorter than its length cuts the client, whose next request gets its own response', async () => {
  const first = await fetch(`${testbed.sidecar.dataUrl}/orders`);
  await expect(first.text()).rejects.toThrow('terminated');
  expect(await (await fetch(`${testbed.sidecar.dataUrl}/orders`)).text()).toBe('0123456789');
});

it('the length in a response to HEAD is that of no body, even if an empty frame ends the stream', async () => {
  isHead = true;
  const head = await fetch(`${testbed.sidecar.dataUrl}/orders`, { method: 'HEAD' });
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '10', '']);
});
