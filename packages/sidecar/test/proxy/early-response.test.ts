import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Listening, listenOnLoopback } from '../fixture/listening.ts';
import { startTestbed, TARGET, type Testbed } from '../fixture/testbed.ts';

const UPLOADS = 40;

/** An API that refuses an upload without reading it, and closes the connection: what it has not read resets it. */
describe.each([401, 413])('an early %i', (status) => {
  let api: Listening;
  let testbed: Testbed;
  const sockets = new Set<Socket>();
  beforeEach(async () => {
    const server = createServer({ pauseOnConnect: false }, (socket) => {
      sockets.add(socket.on('error', () => {}));
      socket.once('data', () => {
        // Nothing more is read: the kernel resets the connection for the bytes that come.
        socket.pause();
        socket.write(`HTTP/1.1 ${status} No\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno`, () =>
          socket.destroy(),
        );
      });
    });
    api = await listenOnLoopback(server);
    testbed = await startTestbed({ upstream: api.url });
  });
  afterEach(async () => {
    await testbed.close();
    for (const socket of sockets) socket.destroy();
    await api.close();
  });

  test.each([
    ['that expects 100 Continue, and waits for it', 'Expect: 100-continue\r\nContent-Length: 1000000\r\n', 0],
    ['that expects 100 Continue, and does not wait', 'Expect: 100-continue\r\nContent-Length: 1000000\r\n', 1_000_000],
    ['with a length', 'Content-Length: 1000000\r\n', 1_000_000],
    ['in chunks', 'Transfer-Encoding: chunked\r\n', 1_000_000],
  ])('reaches the client of an upload %s, and is counted', async (_name, framing, size) => {
    const authorization = `Authorization: Bearer ${await testbed.issuer.mint({ aud: TARGET })}\r\n`;
    const head = `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${authorization}${framing}\r\n`;
    const body = framing.startsWith('T') ? `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n` : 'x'.repeat(size);
    const statuses: number[] = [];
    for (let n = 0; n < UPLOADS; n += 1) statuses.push(await upload(head, body));
    expect(statuses).toEqual(Array(UPLOADS).fill(status));
    await vi.waitFor(async () => {
      const { audiences, validUnauthorized } = await testbed.status();
      expect(audiences.target.accepted).toBe(UPLOADS);
      expect(validUnauthorized).toBe(status === 401 ? UPLOADS : 0);
    });
  });

  async function upload(head: string, body: string): Promise<number> {
    const client = connect(Number(new URL(testbed.sidecar.dataUrl).port), '127.0.0.1').on('error', () => {});
    await once(client, 'connect');
    client.write(head);
    if (body !== '') client.write(body);
    let received = '';
    client.setEncoding('latin1').on('data', (text: string) => {
      received += text;
    });
    await vi.waitFor(() => expect(received).toMatch(/\r\n\r\nno/), 5_000);
    client.destroy();
    return Number(/^HTTP\/1.1 (\d+) /.exec(received)?.[1]);
  }
});
