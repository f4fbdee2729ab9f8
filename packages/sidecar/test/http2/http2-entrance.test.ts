import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { acceptHttp2, isHttp2Preface } from '../../src/http2/http2-entrance.ts';
import { type Listening, listenOnLoopback } from '../fixture/listening.ts';

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

describe('the first bytes of a connection', () => {
  it('are those of HTTP/2 when all 24 are', () => {
    expect(isHttp2Preface(PREFACE)).toBe(true);
    expect(isHttp2Preface(Buffer.concat([PREFACE, Buffer.from('more')]))).toBe(true);
  });

  it.each([0, 1, 3, 23])('leave it open after %d of them', (length) => {
    expect(isHttp2Preface(PREFACE.subarray(0, length))).toBeUndefined();
  });

  it.each(['G', 'POST', 'PRI * HTTP/1.1\r\n\r\n', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r-'])(
    'are not when they are %j',
    (text) => {
      expect(isHttp2Preface(Buffer.from(text))).toBe(false);
    },
  );
});

describe('a server in clear text', () => {
  const limits = { headerTimeoutMs: 300, idleTimeoutMs: 60_000 };
  let listening: Listening;
  let http2: ReturnType<typeof acceptHttp2>;
  const sockets = new Set<Socket>();
  const open = () => {
    const socket = connect(listening.port, '127.0.0.1').on('error', () => {});
    sockets.add(socket);
    return socket;
  };

  beforeEach(async () => {
    const server = createServer((_request, response) => response.end('over HTTP/1.1'));
    http2 = acceptHttp2(
      server,
      'connection',
      (stream) => {
        stream.respond({ ':status': 200 });
        stream.end('over HTTP/2');
      },
      limits,
    );
    listening = await listenOnLoopback(server);
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    http2.destroy();
    await listening.close();
  });

  it('speaks HTTP/2 with prior knowledge, and HTTP/1.1 with all others', async () => {
    const client = connectHttp2(listening.url);
    const stream = client.request({ ':path': '/' });
    const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
    expect(headers[':status']).toBe(200);
    expect(await stream.setEncoding('utf8').toArray()).toEqual(['over HTTP/2']);
    client.close();
    for (const _request of [1, 2]) expect(await (await fetch(listening.url)).text()).toBe('over HTTP/1.1');
  });

  it('reads a preface in pieces', async () => {
    const socket = open();
    let arrived = 0;
    socket.on('data', (chunk: Buffer) => {
      arrived += chunk.length;
    });
    await once(socket.setNoDelay(true), 'connect');
    for (const byte of PREFACE)
      await new Promise((resolve) => socket.write(Buffer.of(byte), () => setImmediate(resolve)));
    socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
    await vi.waitFor(() => expect(arrived).toBeGreaterThan(9));
  });

  it.each(['', 'PRI * HTTP/2.0'])('closes a connection that stops after %j', async (text) => {
    const socket = open();
    socket.write(text);
    await once(socket.resume(), 'close');
  });

  it('keeps none that has said nothing when it stops', async () => {
    const socket = open();
    await once(socket, 'connect');
    // The server has accepted it, too, once it responds to a later one.
    await (await fetch(listening.url)).text();
    const closed = once(socket.resume(), 'close');
    http2.close();
    await closed;
  });
});
