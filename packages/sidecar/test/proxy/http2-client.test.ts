import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import {
  type ClientHttp2Stream,
  connect,
  constants,
  createSecureServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createCertificate, type TestCertificate } from '../fixture/certificate.ts';
import { sendBytes } from '../fixture/http.ts';
import { type Http2Upstream, startHttp2Upstream } from '../fixture/http2-upstream.ts';
import { listenOnLoopback } from '../fixture/listening.ts';
import { LEGACY, startTestbed, type Testbed } from '../fixture/testbed.ts';

const SOON = { timeout: 10_000 };

let api: Http2Upstream;
let testbed: Testbed;
const settings = () => ({ upstream: api.url, upstreamProtocol: 'h2' }) as const;
const counted = async () => (await testbed.status()).audiences.none.rejected;

beforeEach(async () => {
  api = await startHttp2Upstream();
  testbed = await startTestbed(settings());
});
afterEach(async () => {
  await testbed.close();
  await api.close();
});

function createWarnings() {
  const warnings: string[] = [];
  const logger = { info() {}, warn: (_fields: object, message: string) => void warnings.push(message) };
  return { logger, warnings };
}

function closeOf(stream: ClientHttp2Stream): Promise<void> {
  return new Promise((resolve) => void stream.on('error', () => {}).once('close', resolve));
}

/** Sends a request over HTTP/2 with prior knowledge. */
async function send(headers: OutgoingHttpHeaders, body?: string | Buffer) {
  const client = connect(testbed.sidecar.dataUrl).on('error', () => {});
  const stream = client.request(headers, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  let trailers: IncomingHttpHeaders = {};
  stream.on('trailers', (fields: IncomingHttpHeaders) => {
    trailers = fields;
  });
  const [response] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  const chunks: Buffer[] = await stream.toArray();
  client.close();
  return { status: Number(response[':status']), headers: response, body: Buffer.concat(chunks).toString(), trailers };
}

test('a request over HTTP/1.1 reaches an API of HTTP/2, with its header fields, body and trailers', async () => {
  let body = '';
  let trailers: IncomingHttpHeaders = {};
  api.respond = (stream) => {
    stream.on('trailers', (fields: IncomingHttpHeaders) => {
      trailers = fields;
    });
    stream.setEncoding('latin1').on('data', (chunk: string) => {
      body += chunk;
    });
    stream.on('end', () => {
      stream.respond({ ':status': 201, 'set-cookie': ['a=1', 'b=2'] }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '2' })).end('done');
    });
  };
  const authorization = `Bearer ${await testbed.issuer.mint({ aud: LEGACY })}`;
  const response = await sendBytes(
    testbed.sidecar.dataUrl,
    `POST /orders?a=b HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\nAuthorization: ${authorization}\r\nTE: trailers\r\n` +
      'X-Octets: \xe9\xff\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n',
  );
  expect(response).toMatch(/^HTTP\/1.1 201 .*set-cookie: a=1\r\nset-cookie: b=2\r\n.*done.*x-sum: 2\r\n\r\n$/is);
  expect(body).toBe('hello');
  expect(trailers).toMatchObject({ 'x-sum': '1' });
  const raw = api.seen[0]?.rawHeaders ?? [];
  expect(raw.slice(0, 8)).toEqual([
    ...[':method', 'POST', ':scheme', 'http'],
    ...[':authority', 'api.example', ':path', '/orders?a=b'],
  ]);
  expect(raw[raw.indexOf('x-octets') + 1]).toBe(Buffer.from('\xe9\xff').toString('latin1'));
  expect(raw).not.toContain('transfer-encoding');
  expect(raw).not.toContain('connection');
  await vi.waitFor(async () => expect((await testbed.status()).audiences.legacy.accepted).toBe(1), SOON);
});

test('requests share a connection, up to the limit of the API', async () => {
  await testbed.close();
  await api.close();
  api = await startHttp2Upstream({ maxConcurrentStreams: 3 });
  testbed = await startTestbed(settings());
  let open = 0;
  let most = 0;
  let peak = 0;
  api.respond = (stream) => {
    open += 1;
    most = Math.max(most, open);
    peak = Math.max(peak, api.sessions.size);
    stream.once('close', () => {
      open -= 1;
    });
    setTimeout(() => {
      stream.respond({ ':status': 200 });
      stream.end('ok');
    }, 20);
  };
  const responses = await Promise.all(Array.from({ length: 20 }, () => send({ ':path': '/' })));
  expect(responses.map(({ body }) => body)).toEqual(Array.from({ length: 20 }, () => 'ok'));
  expect(most).toBeGreaterThan(3);
  expect(peak).toBeLessThanOrEqual(20);
  await vi.waitFor(async () => expect(await counted()).toBe(20), SOON);
});

test.each([
  ['GET', undefined],
  ['POST', 'a body that is sent twice'],
])('a %s that the API refuses is sent once more, and counted once', async (method, body) => {
  let asked = 0;
  let received = '';
  api.respond = (stream) => {
    asked += 1;
    if (asked === 1) return stream.close(constants.NGHTTP2_REFUSED_STREAM);
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      received += chunk;
    });
    return stream.on('end', () => {
      stream.respond({ ':status': 200 });
      stream.end('ok');
    });
  };
  expect(await send({ ':path': '/', ':method': method }, body)).toMatchObject({ status: 200, body: 'ok' });
  expect([asked, received]).toEqual([2, body ?? '']);
  await vi.waitFor(async () => expect(await counted()).toBe(1), SOON);
});

test('a request that the API refuses twice is refused to a client of HTTP/2, and gives 502 to one of HTTP/1.1', async () => {
  let asked = 0;
  api.respond = (stream) => {
    asked += 1;
    stream.close(constants.NGHTTP2_REFUSED_STREAM);
  };
  expect((await fetch(testbed.sidecar.dataUrl)).status).toBe(502);
  const client = connect(testbed.sidecar.dataUrl);
  const stream = client.request({ ':path': '/' });
  await closeOf(stream);
  client.close();
  expect([asked, stream.rstCode]).toEqual([4, constants.NGHTTP2_REFUSED_STREAM]);
});

test('a request that its GOAWAY leaves out is sent once more, and others finish', async () => {
  const paths: (string | undefined)[] = [];
  let finish: () => void = () => {};
  api.respond = (stream, rawHeaders) => {
    const path = rawHeaders[rawHeaders.indexOf(':path') + 1];
    paths.push(path);
    if (path === '/first') {
      finish = () => {
        stream.respond({ ':status': 200 });
        stream.end('first');
      };
      return;
    }
    if (paths.length === 2) {
      // Only the first stream has been processed.
      stream.session?.goaway(constants.NGHTTP2_NO_ERROR, 1);
      return;
    }
    stream.respond({ ':status': 200 });
    stream.end('second');
  };
  const first = send({ ':path': '/first', ':method': 'POST' }, 'a');
  await vi.waitFor(() => expect(paths).toHaveLength(1), SOON);
  expect(await send({ ':path': '/second', ':method': 'POST' }, 'b')).toMatchObject({ status: 200, body: 'second' });
  finish();
  expect(await first).toMatchObject({ status: 200, body: 'first' });
  expect(paths).toEqual(['/first', '/second', '/second']);
});

test('a reset has its code on the other side, in both directions', async () => {
  api.respond = (stream) => {
    // Without trailers, Node.js would end the response first.
    stream.respond({ ':status': 200 }, { waitForTrailers: true });
    stream.write('beginning', () => stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM));
  };
  const client = connect(testbed.sidecar.dataUrl);
  const stream = client.request({ ':path': '/' }).resume();
  await closeOf(stream);
  expect(stream.rstCode).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);

  let rstCode: number | undefined;
  api.respond = (opened) => {
    opened.respond({ ':status': 200 });
    opened.write('beginning');
    opened.once('close', () => {
      rstCode = opened.rstCode;
    });
  };
  const other = client.request({ ':path': '/' }).on('error', () => {});
  await once(other, 'data');
  other.close(constants.NGHTTP2_INTERNAL_ERROR);
  await vi.waitFor(() => expect(rstCode).toBe(constants.NGHTTP2_INTERNAL_ERROR), SOON);
  client.close();
});

test('an API that is gone gives 502, and one that comes back serves at once', async () => {
  expect((await fetch(testbed.sidecar.dataUrl)).status).toBe(200);
  const { port } = api;
  await api.close();
  expect((await fetch(testbed.sidecar.dataUrl)).status).toBe(502);
  const { createServer } = await import('node:http2');
  const again = createServer((_request, response) => response.end('back')).listen(port, '127.0.0.1');
  await once(again, 'listening');
  expect(await (await fetch(testbed.sidecar.dataUrl)).text()).toBe('back');
  await testbed.sidecar.close();
  again.close();
});

test('an upload ends when the API has responded', async () => {
  let closed: number | undefined;
  api.respond = (stream) => {
    stream.resume().respond({ ':status': 413 });
    stream.end('too large');
    stream.once('close', () => {
      closed = stream.rstCode;
    });
  };
  const client = connect(testbed.sidecar.dataUrl);
  const stream = client.request({ ':path': '/', ':method': 'POST' }).on('error', () => {});
  stream.write(Buffer.alloc(1_000));
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  expect(headers[':status']).toBe(413);
  expect(await stream.setEncoding('utf8').toArray()).toEqual(['too large']);
  await vi.waitFor(() => expect(stream.closed).toBe(true), SOON);
  expect(stream.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
  await vi.waitFor(() => expect(closed).toBeDefined(), SOON);
  client.close();
});

test('an upgrade gets 501', async () => {
  const request = httpRequest(testbed.sidecar.dataUrl, { headers: { connection: 'upgrade', upgrade: 'websocket' } });
  request.end();
  const [response] = await once(request, 'response');
  expect(response.resume().statusCode).toBe(501);
  expect(api.seen).toHaveLength(0);
});

test('an API of HTTP/1.1 gives 502, and the operator is told once', async () => {
  const { logger, warnings } = createWarnings();
  const { upstream } = testbed;
  const other = await startTestbed({ upstream: upstream.url, upstreamProtocol: 'h2' }, { logger });
  for (const _request of [1, 2]) expect((await fetch(other.sidecar.dataUrl)).status).toBe(502);
  await other.close();
  expect(warnings).toEqual([
    'the API does not speak HTTP/2, although sidecar.upstreamProtocol is h2: set it to http1, or let the API accept HTTP/2',
  ]);
});

describe('an API behind TLS', () => {
  let directory: string;
  let certificate: TestCertificate;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'http2-client-'));
    certificate = createCertificate();
    await writeFile(join(directory, 'ca.pem'), certificate.cert);
  });
  afterEach(() => rm(directory, { recursive: true }));
  const behind = async (server: ReturnType<typeof createSecureServer> | ReturnType<typeof createHttpsServer>) => {
    const listening = await listenOnLoopback(server);
    const { logger, warnings } = createWarnings();
    const upstream = `https://localhost:${listening.port}`;
    const other = await startTestbed(
      { upstream, upstreamCa: join(directory, 'ca.pem'), upstreamProtocol: 'h2' },
      { logger },
    );
    const response = await fetch(`${other.sidecar.dataUrl}/a`);
    const seen = { status: response.status, body: await response.text(), warnings: warnings.length };
    await other.close();
    await listening.close();
    return seen;
  };

  test('is reached over HTTP/2 by ALPN', async () => {
    const server = createSecureServer({ ...certificate }, (request, response) =>
      response.end(`${request.httpVersion} ${request.scheme} ${request.authority}`),
    );
    expect(await behind(server)).toMatchObject({
      status: 200,
      body: expect.stringMatching(/^2.0 https 127.0.0.1:\d+$/),
      warnings: 0,
    });
  });

  test('gives 502 if it chooses HTTP/1.1', async () => {
    const server = createHttpsServer({ ...certificate }, (_request, response) => response.end('never'));
    expect(await behind(server)).toMatchObject({ status: 502, warnings: 1 });
  });
});

test('an API on a Unix socket is reached', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'http2-client-'));
  const path = join(directory, 'api.sock');
  const { createServer } = await import('node:http2');
  const server = createServer((_request, response) => response.end('over a socket')).listen(path);
  await once(server, 'listening');
  const other = await startTestbed({ upstream: `unix:${path}`, upstreamProtocol: 'h2' });
  expect(await (await fetch(other.sidecar.dataUrl)).text()).toBe('over a socket');
  await other.close();
  server.close();
  await rm(directory, { recursive: true });
});

test.each([
  ['asks for it', true],
  ['does without it', false],
])('a body whose client expects 100 Continue is sent if the API %s', async (_name, asks) => {
  let body = '';
  let expectation: string | undefined;
  api.respond = (stream, rawHeaders) => {
    expectation = rawHeaders[rawHeaders.indexOf('expect') + 1];
    if (!asks) {
      stream.respond({ ':status': 401 });
      return void stream.end('no');
    }
    stream.additionalHeaders({ ':status': 100 });
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    return void stream.on('end', () => {
      stream.respond({ ':status': 200 });
      stream.end('ok');
    });
  };
  const request = httpRequest(testbed.sidecar.dataUrl, {
    method: 'PUT',
    headers: { expect: '100-continue', 'content-length': '4' },
  });
  request.on('continue', () => request.end('body')).on('error', () => {});
  request.flushHeaders();
  const [response] = await once(request, 'response');
  expect([response.resume().statusCode, expectation, body]).toEqual([
    asks ? 200 : 401,
    '100-continue',
    asks ? 'body' : '',
  ]);
  request.destroy();
});

test('informational responses and a field twice reach a client of HTTP/1.1', async () => {
  api.respond = (stream) => {
    stream.additionalHeaders({ ':status': 103, link: '</a.css>; rel=preload' });
    stream.respond({ ':status': 200, 'set-cookie': ['a=1', 'b=2'] });
    stream.end('ok');
  };
  const response = await sendBytes(testbed.sidecar.dataUrl, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  expect(response).toMatch(
    /^HTTP\/1.1 103 Early Hints\r\nlink: .*HTTP\/1.1 200 .*set-cookie: a=1\r\nset-cookie: b=2\r\n/s,
  );
});

describe('a side that takes nothing more', () => {
  const CHUNK = Buffer.alloc(65_536);
  /** Writes for as long as the other side takes it. @returns how many bytes that were. */
  const writeAll = (stream: { write(chunk: Buffer): boolean; once(event: 'drain', listener: () => void): unknown }) => {
    let bytes = 0;
    const write = () => {
      do bytes += CHUNK.length;
      while (stream.write(CHUNK));
      stream.once('drain', write);
    };
    write();
    return () => bytes;
  };
  const settled = async (bytes: () => number) => {
    let before = -1;
    while (bytes() !== before) {
      before = bytes();
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    return before;
  };

  test('holds up a response', async () => {
    let written: () => number = () => 0;
    api.respond = (stream) => {
      stream.respond({ ':status': 200 });
      written = writeAll(stream);
    };
    const client = connect(testbed.sidecar.dataUrl);
    const stream = client.request({ ':path': '/' }).on('error', () => {});
    await once(stream, 'response');
    expect(await settled(written)).toBeLessThan(2_000_000);
    let read = 0;
    stream.on('data', (chunk: Buffer) => {
      read += chunk.length;
    });
    await vi.waitFor(() => expect(read).toBeGreaterThan(4_000_000), { timeout: 5_000 });
    client.destroy();
  });

  test('holds up an upload, of every version of HTTP', async () => {
    let opened: ServerHttp2Stream | undefined;
    api.respond = (stream) => {
      opened = stream.pause();
    };
    const client = connect(testbed.sidecar.dataUrl);
    const stream = client.request({ ':path': '/', ':method': 'POST' }).on('error', () => {});
    expect(await settled(writeAll(stream))).toBeLessThan(2_000_000);
    expect(opened).toBeDefined();
    client.destroy();
    const request = httpRequest(testbed.sidecar.dataUrl, { method: 'POST' }).on('error', () => {});
    // The kernel's buffers are larger than HTTP/2's windows.
    expect(await settled(writeAll(request))).toBeLessThan(20_000_000);
    request.destroy();
    // Its end is behind all that it has sent.
    for (const session of api.sessions) session.destroy();
  });
});
