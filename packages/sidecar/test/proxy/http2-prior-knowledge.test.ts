import { once } from 'node:events';
import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDataServer, type DataServer } from '../../src/proxy/data-server.ts';
import { LIMITS } from '../fixture/limits.ts';
import { type Listening, listenOnLoopback } from '../fixture/listening.ts';

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

describe.each(['with', 'without'])('a data port in clear text, %s the fast path,', (kind) => {
  let listening: Listening;
  let data: DataServer;
  const sockets = new Set<Socket>();
  const open = () => {
    const socket = connect(listening.port, '127.0.0.1').on('error', () => {});
    sockets.add(socket);
    return socket;
  };

  beforeEach(async () => {
    data = createDataServer(
      {
        fastPath:
          kind === 'without'
            ? undefined
            : { handle: (_request, response) => response.handOver(), closing: () => false },
        handle: (_request, response) => response.end('over HTTP/1.1'),
        stream(stream) {
          stream.respond({ ':status': 200 });
          stream.end('over HTTP/2');
        },
      },
      { ...LIMITS, headerTimeoutMs: 300 },
    );
    listening = await listenOnLoopback(data.server);
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await data.stop(0);
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

  it.each(['', 'PRI * HTTP/2.0', 'PRI * HTTP/2.0\r\n\r\n'])('closes a connection that stops after %j', async (text) => {
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
    await data.stop(10_000);
    await closed;
  });
});
