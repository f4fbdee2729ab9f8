import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { sendBytes, sendRequest } from '../fixture/http.ts';
import { type Listening, listenOnLoopback } from '../fixture/listening.ts';
import { startTestbed, TARGET, type Testbed } from '../fixture/testbed.ts';

let testbed: Testbed;
let url: string;
beforeEach(async () => {
  testbed = await startTestbed();
  url = testbed.sidecar.dataUrl;
});
afterEach(() => testbed.close());

const counted = async () => (await testbed.status()).audiences.none.rejected;

test('announced request trailers are forwarded, except those that identify the client', async () => {
  let seen: readonly string[] = [];
  testbed.upstream.respond = (request, response) => {
    request.resume().on('end', () => {
      seen = request.rawTrailers;
      response.writeHead(200, { trailer: 'x-sum' });
      response.addTrailers({ 'x-sum': 'b' });
      response.end('ok');
    });
  };
  const response = await sendBytes(
    url,
    'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n' +
      '5\r\nhello\r\n0\r\nX-Sum: a\r\nAuthorization: x\r\nCrossfade-Subject: x\r\nX_Forwarded_For: x\r\nContent-Type: y\r\n\r\n',
  );
  expect(response).toMatch(/^HTTP\/1.1 200 .*x-sum: b\r\n\r\n$/s);
  expect(seen).toEqual(['X-Sum', 'a']);
  expect(testbed.upstream.seen[0]?.headers).toMatchObject({ trailer: 'X-Sum', 'transfer-encoding': 'chunked' });
  await vi.waitFor(async () => expect(await counted()).toBe(1));
});

test.each([
  [
    'with a length, to a request that expects 100',
    'PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n',
    'Content-Length: 2',
  ],
  ['with a length', 'PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n', 'Content-Length: 2'],
  ['to a client of HTTP/1.0', 'GET / HTTP/1.0\r\n', 'Transfer-Encoding: chunked'],
  [
    'to a client of HTTP/1.0 that announces its own',
    'PUT / HTTP/1.0\r\nTrailer: a\r\nContent-Length: 1\r\n',
    'Transfer-Encoding: chunked',
  ],
])('trailers that the response %s, cannot have are not announced to the client', async (_name, request, framing) => {
  testbed.upstream.respond = ({ socket }) => {
    const body = framing.startsWith('T') ? '2\r\nok\r\n0\r\nx-sum: a\r\n\r\n' : 'ok';
    socket.end(`HTTP/1.1 200 OK\r\nConnection: close\r\nTrailer: x-sum\r\n${framing}\r\n\r\n${body}`);
  };
  const body = request.includes('chunked') ? '0\r\n\r\n' : request.startsWith('PUT') ? 'a' : '';
  const response = await sendBytes(url, `${request}Host: a\r\nConnection: close\r\n\r\n${body}`);
  expect(response).toMatch(/HTTP\/1.1 200 .*\r\n\r\nok$/s);
  expect(response).not.toMatch(/trailer/i);
});

test.each(['', 'Expect: 100-continue\r\n'])(
  'trailers announced together with a length, %j, are not announced to the API',
  async (expectation) => {
    const request = `PUT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${expectation}Trailer: x-sum\r\nContent-Length: 1\r\n\r\na`;
    expect(await sendBytes(url, request)).toMatch(/HTTP\/1.1 200 .*hello/s);
    expect(testbed.upstream.seen[0]?.headers).not.toHaveProperty('trailer');
  },
);

test('the API decides whether a client that expects 100 Continue sends its body', async () => {
  testbed.upstream.respond = (_request, response) => response.end('never');
  const refuse = (_request: IncomingMessage, response: { writeHead(status: number): { end(): void } }) =>
    response.writeHead(413).end();
  testbed.upstream.expecting = refuse;
  const request = httpRequest(url, { method: 'PUT', headers: { expect: '100-continue', 'content-length': '9' } });
  const told: string[] = [];
  request.on('continue', () => told.push('continue')).on('error', () => {});
  request.flushHeaders();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  expect(response.resume().statusCode).toBe(413);
  expect(told).toEqual([]);
  expect(testbed.upstream.seen[0]?.headers).toMatchObject({ expect: '100-continue', 'content-length': '9' });
  request.destroy();
  await vi.waitFor(async () => expect(await counted()).toBe(1));
});

test('a client that disconnects before its body is counted, and ends the request to the API', async () => {
  let gone = false;
  testbed.upstream.expecting = (request, response) => {
    response.writeContinue();
    request.on('close', () => {
      gone = true;
    });
  };
  const request = httpRequest(url, { method: 'PUT', headers: { expect: '100-continue', 'content-length': '9' } });
  request.on('error', () => {}).flushHeaders();
  await once(request, 'continue');
  request.destroy();
  await vi.waitFor(() => expect(gone).toBe(true));
  await vi.waitFor(async () => expect(await counted()).toBe(1));
});

test.each([
  ['is unreachable', async () => testbed.upstream.close()],
  [
    'breaks off',
    async () => {
      testbed.upstream.respond = (request) => request.socket.destroy();
    },
  ],
])('a request is counted and gets 502 if the API %s', async (_name, fail) => {
  await fail();
  const authorization = `Bearer ${await testbed.issuer.mint({ aud: TARGET })}`;
  const headers = { trailer: 'x-sum', 'transfer-encoding': 'chunked', authorization };
  expect((await sendRequest(url, { method: 'POST', headers, body: 'x' })).status).toBe(502);
  await vi.waitFor(async () => expect((await testbed.status()).audiences.target.accepted).toBe(1));
});

test('bodies stream both ways at the pace of the slower side', async () => {
  const size = 20_000_000;
  testbed.upstream.respond = (request, response) => {
    request.pipe(response);
  };
  const headers = { trailer: 'x-sum', 'transfer-encoding': 'chunked' };
  const request = httpRequest(url, { method: 'POST', headers });
  request.end(Buffer.alloc(size));
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let received = 0;
  for await (const chunk of response) received += (chunk as Buffer).length;
  expect(received).toBe(size);
});

describe('a connection to the API over node:http', () => {
  const sockets: Socket[] = [];
  let api: Listening;
  /** What the API sends for the n-th request, from 0. */
  let responseTo: (n: number, socket: Socket) => void;
  let close: () => Promise<void>;
  let send: (method?: string) => Promise<{ status: number; body: string }>;
  beforeEach(async () => {
    sockets.length = 0;
    responseTo = (_n, socket) => socket.write(responseOf('ok'));
    let requests = 0;
    const server = createServer((socket) => {
      sockets.push(socket.on('error', () => {}));
      socket.on('data', () => {
        requests += 1;
        responseTo(requests - 1, socket);
      });
    });
    api = await listenOnLoopback(server);
    const other = await startTestbed({ upstream: api.url, fastPath: false });
    send = (method = 'GET') => sendRequest(other.sidecar.dataUrl, { method });
    close = () => other.close();
  });
  afterEach(async () => {
    await close();
    for (const socket of sockets) socket.destroy();
    await api.close();
  });
  const responseOf = (body: string, ...fields: readonly string[]) =>
    `HTTP/1.1 200 OK\r\n${fields.map((field) => `${field}\r\n`).join('')}Content-Length: ${body.length}\r\n\r\n${body}`;

  // Fails if node:http no longer emits `free`.
  test('is reused', async () => {
    for (let n = 0; n < 5; n += 1) expect((await send()).body).toBe('ok');
    expect(sockets).toHaveLength(1);
  });

  test.each([
    ['to a HEAD, which may have a body after all', 'HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n'],
    ['that ends its connection', 'GET', responseOf('ok', 'Connection: close')],
    ['with a stray body', 'GET', `HTTP/1.1 204 No\r\n\r\n${responseOf('evil')}`],
    ['that grants no time', 'GET', responseOf('ok', 'Keep-Alive: timeout=0')],
    ['of HTTP/1.0', 'GET', responseOf('ok').replace('1.1', '1.0')],
  ])('is not reused after a response %s', async (_name, method, first) => {
    responseTo = (n, socket) => socket.write(n === 0 ? first : responseOf('ok'));
    await send(method);
    expect((await send()).body).toBe('ok');
    expect(sockets).toHaveLength(2);
  });

  test('is not reused after bytes that no request asked for', async () => {
    await send();
    sockets[0]?.write(responseOf('evil'));
    await once(sockets[0] as Socket, 'close');
    expect((await send()).body).toBe('ok');
  });

  test('is closed after a second', async () => {
    await send();
    const startMs = performance.now();
    await once(sockets[0] as Socket, 'close');
    expect(performance.now() - startMs).toBeGreaterThan(700);
  });
});

describe.each([
  ['on the fast path', {}, {}],
  ['over node:http', { fastPath: false }, {}],
  ['with a body', {}, { 'transfer-encoding': 'chunked' }],
  ['with a body that the API is asked about', {}, { 'content-length': '1', expect: '100-continue' }],
])('a request %s', (_name, settings, headers) => {
  test('gets 504 if the API does not begin its response in time, and is counted', async () => {
    const api = await startTestbed({ responseTimeoutMs: 200, ...settings });
    api.upstream.respond = (request) => void request.resume();
    api.upstream.expecting = (request) => void request.resume();
    const hasBody = Object.keys(headers).length > 0;
    const request = hasBody ? { method: 'POST', headers: headers as Record<string, string>, body: 'x' } : {};
    expect((await sendRequest(api.sidecar.dataUrl, request)).status).toBe(504);
    await vi.waitFor(async () => expect((await api.status()).audiences.none.rejected).toBe(1));
    await api.close();
  });
});

test('an upload may take longer than the API may take to respond, as long as it goes on', async () => {
  const other = await startTestbed({ responseTimeoutMs: 500 });
  const request = httpRequest(other.sidecar.dataUrl, { method: 'POST', headers: { 'transfer-encoding': 'chunked' } });
  const responded = once(request, 'response');
  // The client is slow, not the API.
  for (let n = 0; n < 2; n += 1) {
    request.write('x');
    await new Promise((resolve) => setTimeout(resolve, 700));
  }
  request.end();
  const [response] = (await responded) as [IncomingMessage];
  expect(response.resume().statusCode).toBe(200);
  await other.close();
});

test('a response that breaks off does not look complete to a client of HTTP/1.0', async () => {
  testbed.upstream.respond = ({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', () => socket.destroy());
  };
  await expect(sendBytes(url, 'GET / HTTP/1.0\r\nHost: a\r\n\r\n')).rejects.toThrow('ECONNRESET');
});
