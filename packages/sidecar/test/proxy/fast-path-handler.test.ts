import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { sendRequest } from '../fixture/http.ts';
import { type Listening, listenOnLoopback } from '../fixture/listening.ts';
import { BOTH_PATHS, startTestbed, TARGET, type Testbed } from '../fixture/testbed.ts';

let server: Server;
let api: Listening;
let testbed: Testbed;
let agent: Agent;
/** The header sections that the API got. */
let heads: string[];
/** The settings of the sidecar under test. */
let path: Parameters<typeof startTestbed>[0];

/** @param respond writes a response; the connection stays open. */
async function open(respond: (socket: Socket) => void, settings?: Parameters<typeof startTestbed>[0]): Promise<string> {
  heads = [];
  server = createServer((socket) => {
    socket.on('error', () => {}).setEncoding('latin1');
    socket.on('data', (text: string) => {
      heads.push(text);
      respond(socket);
    });
  });
  api = await listenOnLoopback(server);
  testbed = await startTestbed({ upstream: api.url, ...path, ...settings });
  agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return testbed.sidecar.dataUrl;
}
afterEach(async () => {
  agent.destroy();
  await testbed.close();
  await api.close();
});

describe.each(BOTH_PATHS)('%s,', (_name, settings) => {
  beforeEach(() => {
    path = settings;
  });

  const counted = async () => (await testbed.status()).audiences.none.rejected;

  describe('a response', () => {
    test.each<[name: string, bytes: string, ends: boolean, expected: Record<string, unknown>]>([
      ['with a length', 'HTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: 2\r\n\r\nok', false, { body: 'ok' }],
      ['without a body', 'HTTP/1.1 204 No Content\r\n\r\n', false, { status: 204, body: '' }],
      ['304', 'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n', false, { status: 304, body: '' }],
      ['500', 'HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n', false, { status: 500, body: '' }],
      ['in chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n', false, { body: 'ok' }],
      [
        'in chunks, with trailers',
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-B\r\n\r\n2\r\nok\r\n0\r\nX-B: c\r\n\r\n',
        false,
        { body: 'ok', trailers: { 'x-b': 'c' } },
      ],
      ['up to the end of the connection', 'HTTP/1.1 200 OK\r\n\r\nok', true, { body: 'ok' }],
      ['of an older version', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok', false, { body: 'ok' }],
      [
        'after early hints',
        'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
        false,
        { body: 'ok' },
      ],
      [
        'that cannot be read',
        'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok',
        false,
        { status: 502 },
      ],
      ['that is not HTTP', 'SSH-2.0-OpenSSH_9.9\r\n', false, { status: 502 }],
    ])('%s arrives three times, and each request reaches the API once and counts once', async (...row) => {
      const [, bytes, ends, expected] = row;
      const url = await open((socket) => (ends ? socket.end(bytes) : socket.write(bytes)));
      for (let n = 1; n <= 3; n += 1)
        expect(await sendRequest(url, { agent })).toMatchObject({ status: 200, ...expected });
      expect(heads).toHaveLength(3);
      await vi.waitFor(async () => expect(await counted()).toBe(3));
    });

    test('of 20 MB arrives whole, at the pace of the client', { timeout: 30_000 }, async () => {
      const size = 20_000_000;
      let written = 0;
      const url = await open((socket) => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
        const chunk = Buffer.alloc(100_000, 'x');
        const go = () => {
          while (written < size && socket.write(chunk)) written += chunk.length;
          if (written < size) {
            written += chunk.length;
            socket.once('drain', go);
          }
        };
        go();
      });
      const { port, hostname } = new URL(url);
      const client = connect(Number(port), hostname);
      client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      await once(client, 'readable');
      // Wait until all buffers are full.
      let before = -1;
      await vi.waitFor(() => {
        const stands = written === before;
        before = written;
        expect(stands).toBe(true);
      }, 5_000);
      expect(written).toBeLessThan(size);
      let received = 0;
      for await (const chunk of client) {
        received += chunk.length;
        if (received >= size) break;
      }
      client.destroy();
    });

    test('that breaks off closes the connection, and one that has not begun becomes 502', async () => {
      let texts = ['HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nok', ''];
      const url = await open((socket) => socket.end(texts.shift() ?? ''));
      await expect(sendRequest(url, { agent })).rejects.toThrow();
      expect((await sendRequest(url, { agent })).status).toBe(502);
      texts = [];
      await vi.waitFor(async () => expect(await counted()).toBe(2));
    });
  });

  describe('an API that', () => {
    test('closes connections without announcing it loses no request, and gets none twice', async () => {
      const url = await open((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
      for (const method of ['POST', 'GET', 'POST', 'POST', 'GET', 'POST']) {
        const body = method === 'POST' ? 'a' : undefined;
        expect((await sendRequest(url, { method, agent, ...(body !== undefined && { body }) })).status).toBe(200);
      }
      expect(heads).toHaveLength(6);
    });

    test('sends a body after a HEAD gives that body to no other client', async () => {
      const url = await open((socket) => {
        const isHead = heads.at(-1)?.startsWith('HEAD') === true;
        const body = isHead ? 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil' : 'good';
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`);
        setTimeout(() => socket.write(body), 20);
      });
      expect((await sendRequest(url, { method: 'HEAD', agent })).status).toBe(200);
      expect((await sendRequest(url, { agent })).body).toBe('good');
    });
  });

  describe('a request', () => {
    test('reaches the API with the same head on either path', async () => {
      const url = await open((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
      const headers = { 'X-One': '1', Cookie: 'a=b', 'crossfade-subject': 'mallory', 'x-forwarded-for': '192.0.2.1' };
      // A request with an upgrade that is ignored never uses the fast path.
      for (const more of [{}, { connection: 'upgrade', upgrade: 'h2c' }])
        await sendRequest(url, { headers: { ...headers, ...more } });
      const [fast = '', slow = ''] = heads.map((head) =>
        head.replace(/^connection: .*\r\n/im, '').replace(/^host: /im, 'host: '),
      );
      const sorted = (head: string) => head.split('\r\n').sort();
      expect(sorted(fast)).toEqual(sorted(slow));
      expect(fast).not.toContain('mallory');
      expect(fast).not.toContain('192.0.2.1');
    });

    test('is aborted if its client disconnects', async () => {
      const closed = vi.fn();
      const url = await open((socket) => socket.on('close', closed));
      const { port, hostname } = new URL(url);
      const client = connect(Number(port), hostname);
      client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      await vi.waitFor(() => expect(heads).toHaveLength(1));
      client.destroy();
      await vi.waitFor(() => expect(closed).toHaveBeenCalled());
      await vi.waitFor(async () => expect(await counted()).toBe(1));
    });

    test('reaches an API behind enforce mode with its identity, and not at all without an accepted token', async () => {
      const url = await open((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'), {
        judge: 'enforce',
      });
      const authorization = `Bearer ${await testbed.issuer.mint({ aud: TARGET })}`;
      for (let n = 0; n < 2; n += 1) {
        expect((await sendRequest(url, { agent })).status).toBe(401);
        expect((await sendRequest(url, { agent, method: 'HEAD' })).status).toBe(401);
        expect((await sendRequest(url, { agent, headers: { authorization } })).status).toBe(200);
      }
      expect(heads).toHaveLength(2);
      for (const head of heads) expect(head).toContain('\r\ncrossfade-audience: target\r\n');
    });
  });
});
