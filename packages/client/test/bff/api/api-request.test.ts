import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ApiTimeoutError, createApiRequest } from '../../../src/bff/api/api-request.ts';
import { failure } from '../../fixture/sign-in.ts';

let server: Server;
let url: string;
let handle: (request: IncomingMessage, response: ServerResponse) => void;
beforeEach(async () => {
  server = createServer((request, response) => handle(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const send = createApiRequest(5000);

test('a response is read only as fast as its reader asks for it', async () => {
  let sent = 0;
  handle = (_, response) => {
    const write = () => {
      sent += 1;
      if (response.write(Buffer.alloc(64 * 1024))) setImmediate(write);
      else response.once('drain', write);
    };
    write();
  };
  const { body } = await send(url);
  const reader = body?.getReader();
  await reader?.read();
  // The buffers of both sockets fill up, and then nothing is sent any more.
  let before = -1;
  await expect
    .poll(
      () => {
        const isStill = sent === before;
        before = sent;
        return isStill;
      },
      { interval: 200, timeout: 5000 },
    )
    .toBe(true);
  expect(sent).toBeLessThan(200);
  await reader?.cancel();
});

test('a connection that the API closed while it was idle is replaced, for a request that may be repeated', async () => {
  const sockets: Socket[] = [];
  const dying = createTcpServer((socket) => {
    sockets.push(socket);
    let requests = 0;
    socket.on('error', () => {});
    socket.on('data', () => {
      requests += 1;
      // The second request of a connection meets its end.
      if (requests > 1) socket.resetAndDestroy();
      else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
    });
  });
  dying.listen(0, '127.0.0.1');
  await once(dying, 'listening');
  const at = `http://127.0.0.1:${(dying.address() as AddressInfo).port}/`;
  for (let round = 0; round < 3; round += 1) expect(await (await send(at)).text()).toBe('ok');
  expect(sockets.length).toBeGreaterThan(1);
  expect(await failure(send(at, { method: 'POST', body: 'x' }))).toMatchObject({ code: 'ECONNRESET' });
  for (const socket of sockets) socket.destroy();
  dying.close();
});

test('a body that is not as long as it says is no request to an API', async () => {
  let received = 0;
  handle = (request, response) => {
    received += 1;
    request.on('error', () => {});
    request.resume().on('end', () => response.end());
  };
  for (const length of ['1', '5']) {
    const body = new TextEncoder().encode('abc');
    const stream = new Blob(['abc']).stream();
    const streamed = {
      method: 'PUT',
      headers: { 'content-length': length },
      body: stream,
      duplex: 'half',
    } as RequestInit;
    expect(await failure(send(url, streamed))).toBeInstanceOf(Error);
    expect(await failure(send(url, { method: 'POST', headers: { 'content-length': length }, body }))).toBeInstanceOf(
      Error,
    );
  }
  expect(received).toBeLessThanOrEqual(4);
  expect((await send(url)).status).toBe(200);
});

test.each(['DELETE', 'OPTIONS', 'PUT', 'PATCH'])(
  'a body of %s is one body, and no further request, also without a length',
  async (method) => {
    const bodies: string[] = [];
    handle = async (request, response) => {
      let text = '';
      for await (const chunk of request) text += String(chunk);
      bodies.push(`${request.method} ${request.url} ${text}`);
      response.end();
    };
    const smuggled = 'GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n';
    for (const body of [new Blob([smuggled]).stream(), new TextEncoder().encode(smuggled)]) {
      await (await send(url, { method, body, duplex: 'half' } as RequestInit)).text();
      await (await send(url)).text();
    }
    expect(bodies).toEqual([`${method} / ${smuggled}`, 'GET / ', `${method} / ${smuggled}`, 'GET / ']);
  },
);

test('a silent API is given up, and a browser that is slow is not its fault', async () => {
  const impatient = createApiRequest(150);
  handle = () => {};
  expect(await failure(impatient(url))).toBeInstanceOf(ApiTimeoutError);
  const slow = new ReadableStream<Uint8Array>({
    async start(controller) {
      controller.enqueue(new TextEncoder().encode('a'));
      const startedAt = performance.now();
      await expect.poll(() => performance.now() - startedAt, { timeout: 5000 }).toBeGreaterThan(500);
      controller.enqueue(new TextEncoder().encode('b'));
      controller.close();
    },
  });
  handle = async (request, response) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    response.end(text);
  };
  const init = { method: 'POST', body: slow, duplex: 'half' } as RequestInit;
  expect(await (await impatient(url, init)).text()).toBe('ab');
});

test('a status that no response of the web can have is an error', async () => {
  handle = (_, response) => void response.writeHead(999).end();
  expect(await failure(send(url))).toBeInstanceOf(RangeError);
});

test('an API that switches protocols unasked has not responded', async () => {
  handle = ({ socket }) =>
    void socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n');
  expect(await failure(send(url))).toBeInstanceOf(TypeError);
});

test.each([204, 205])('a %i does not say how long a body is that does not come', async (status) => {
  handle = ({ socket }) =>
    void socket.write(`HTTP/1.1 ${status} x\r\ncontent-length: 5\r\n\r\n${status === 205 ? 'hello' : ''}`);
  const response = await send(url);
  expect([response.status, response.body, response.headers.get('content-length')]).toEqual([status, null, null]);
});

test('an abort ends a request, also while its response is read', async () => {
  const abort = new AbortController();
  handle = (_, response) => void response.write('x');
  const ended = once(server, 'request').then(([, response]) => once(response as ServerResponse, 'close'));
  const response = await send(url, { signal: abort.signal });
  abort.abort();
  await expect(response.text()).rejects.toThrow();
  await ended;
});
