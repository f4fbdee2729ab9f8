import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import {
  type ClientHttp2Session,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createCertificate, type TestCertificate } from '../fixture/certificate.ts';
import { LEGACY, startTestbed, TARGET, type Testbed } from '../fixture/testbed.ts';

let directory: string;
let pair: TestCertificate;
let testbed: Testbed;
let client: ClientHttp2Session;
const paths = () => ({ tlsCert: join(directory, 'tls.crt'), tlsKey: join(directory, 'tls.key') });

async function writePair() {
  pair = createCertificate();
  const { tlsCert, tlsKey } = paths();
  await Promise.all([writeFile(tlsCert, pair.cert), writeFile(tlsKey, pair.key)]);
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'http2-'));
  await writePair();
  testbed = await startTestbed({ ...paths(), stallTimeoutMs: 300 });
  client = connect(testbed.sidecar.dataUrl, { ca: pair.cert }).on('error', () => {});
});
afterEach(async () => {
  client.destroy();
  await testbed.close();
  await rm(directory, { recursive: true });
});

async function sendRequest(headers: OutgoingHttpHeaders, body?: string | Buffer) {
  const stream = client.request(headers, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  let trailers: IncomingHttpHeaders = {};
  stream.on('trailers', (fields: IncomingHttpHeaders) => {
    trailers = fields;
  });
  const [response] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) text += chunk;
  return { headers: response, status: Number(response[':status']), trailers, body: text };
}
const accepted = async () => (await testbed.status()).audiences;

test('a client that chooses HTTP/2 has its method, path, headers, cookies and body forwarded', async () => {
  testbed.upstream.respond = (request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () =>
      response.writeHead(201, ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'Connection', 'keep-alive']).end(body),
    );
  };
  const authorization = `Bearer ${await testbed.issuer.mint({ aud: LEGACY })}`;
  const response = await sendRequest(
    { ':method': 'POST', ':path': '/orders?a=b', cookie: ['x=1', 'y=2'], authorization, 'crossfade-subject': 'spoof' },
    'payload',
  );
  expect(response).toMatchObject({ status: 201, body: 'payload', headers: { 'set-cookie': ['a=1', 'b=2'] } });
  expect(testbed.upstream.seen[0]).toMatchObject({
    method: 'POST',
    url: '/orders?a=b',
    headers: { host: new URL(testbed.sidecar.dataUrl).host, cookie: 'x=1; y=2', 'x-forwarded-proto': 'https' },
  });
  expect(testbed.upstream.seen[0]?.headers).not.toHaveProperty('crossfade-subject');
  await vi.waitFor(async () => expect((await accepted()).legacy.accepted).toBe(1));
});

test('trailers, which end a gRPC response, are forwarded', async () => {
  testbed.upstream.respond = (request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'application/grpc', trailer: 'grpc-status' });
      response.write('message');
      response.addTrailers({ 'grpc-status': '0' });
      response.end();
    });
  };
  const response = await sendRequest({ ':method': 'POST', ':path': '/', te: 'trailers' }, 'call');
  expect(response).toMatchObject({ status: 200, body: 'message', trailers: { 'grpc-status': '0' } });
  expect(testbed.upstream.seen[0]?.headers['te']).toBe('trailers');
});

test.each(['GET', 'HEAD', 'DELETE'])(
  'a %s without a body is forwarded, and so is a response without one',
  async (method) => {
    testbed.upstream.respond = (_request, response) => response.writeHead(204).end();
    expect(await sendRequest({ ':method': method, ':path': '/' })).toMatchObject({ status: 204, body: '' });
  },
);

test('each of many requests on one connection is counted once', async () => {
  const authorization = `Bearer ${await testbed.issuer.mint({ aud: TARGET })}`;
  const responses = await Promise.all(Array.from({ length: 50 }, () => sendRequest({ ':path': '/', authorization })));
  expect(responses.every(({ status, body }) => status === 200 && body === 'hello')).toBe(true);
  await vi.waitFor(async () => expect((await accepted()).target.accepted).toBe(50));
});

test('a reset stream ends the request to the API, and is counted', async () => {
  let gone = false;
  testbed.upstream.respond = (request, response) => {
    response.write('beginning');
    request.on('close', () => {
      gone = true;
    });
  };
  const stream = client.request({ ':path': '/' });
  stream.on('error', () => {});
  await once(stream, 'response');
  stream.close(constants.NGHTTP2_CANCEL);
  await vi.waitFor(() => expect(gone).toBe(true));
  await vi.waitFor(async () => expect((await accepted()).none.rejected).toBe(1));
});

test('a client that expects 100 Continue is told to send its body', async () => {
  const stream = client.request({ ':method': 'PUT', ':path': '/', expect: '100-continue' }, { endStream: false });
  await once(stream, 'continue');
  stream.end('body');
  const [response] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  expect(response[':status']).toBe(200);
  stream.resume();
});

test('a stream whose client sends nothing of its body is closed', async () => {
  const stream = client.request({ ':method': 'POST', ':path': '/' }, { endStream: false });
  stream.on('error', () => {}).write('beginning');
  await once(stream, 'close');
  expect(stream.rstCode).toBe(constants.NGHTTP2_CANCEL);
});

test('an API that breaks off gives 502, or a reset once the response has begun; a request without a path is rejected', async () => {
  testbed.upstream.respond = (request) => request.socket.destroy();
  expect((await sendRequest({ ':path': '/' })).status).toBe(502);
  testbed.upstream.respond = (_request, response) => response.write('beginning', () => response.destroy());
  const stream = client.request({ ':path': '/' });
  const closed = new Promise((resolve) => stream.once('close', resolve));
  stream.on('error', () => {}).resume();
  await closed;
  expect(stream.rstCode).toBe(constants.NGHTTP2_INTERNAL_ERROR);
  expect((await sendRequest({ ':method': 'OPTIONS', ':path': '*' })).status).toBe(400);
});

test('the server finishes its streams before it stops, and accepts no more', async () => {
  let finish: () => void = () => {};
  testbed.upstream.respond = (_request, response) => {
    response.write('first ');
    finish = () => response.end('last');
  };
  const stream = client.request({ ':path': '/' });
  await once(stream, 'response');
  const goaway = once(client, 'goaway');
  const closing = testbed.sidecar.close();
  await goaway;
  finish();
  let body = '';
  for await (const chunk of stream.setEncoding('utf8')) body += chunk;
  expect(body).toBe('first last');
  await closing;
});

test('a client that does not choose HTTP/2 is served over HTTP/1.1', async () => {
  const request = httpsRequest(testbed.sidecar.dataUrl, { ca: pair.cert, agent: false }).end();
  const [response] = await once(request, 'response');
  expect(response.resume()).toMatchObject({ statusCode: 200, httpVersion: '1.1' });
  expect(testbed.upstream.seen[0]?.headers['x-forwarded-proto']).toBe('https');
});

test.each([
  ['with simple requests', ''],
  ['with an upgrade that is ignored', 'Connection: upgrade\r\nUpgrade: h2c\r\n'],
])('HTTP/1.1 over TLS %s is served request after request', async (_name, fields) => {
  const { port } = new URL(testbed.sidecar.dataUrl);
  const socket = connectTls({ port: Number(port), host: 'localhost', ca: pair.cert });
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  for (let n = 1; n <= 3; n += 1) {
    socket.write(`GET /${n} HTTP/1.1\r\nHost: localhost\r\n${n === 2 ? fields : ''}\r\n`);
    await vi.waitFor(() => expect(text.match(/\r\n\r\nhello/g)).toHaveLength(n));
  }
  socket.destroy();
  expect(testbed.upstream.seen.map(({ url }) => url)).toEqual(['/1', '/2', '/3']);
});

test('new connections get a renewed certificate, and a broken one does not replace it', async () => {
  const shown = async () => {
    const socket = connectTls({ port: Number(new URL(testbed.sidecar.dataUrl).port), rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const { raw } = socket.getPeerCertificate();
    socket.destroy();
    return raw.toString('base64');
  };
  const before = await shown();
  await writePair();
  await testbed.sidecar.renewCertificate();
  const after = await shown();
  expect(after).not.toBe(before);
  expect(pair.cert.replaceAll('\n', '')).toContain(after);
  await writeFile(paths().tlsKey, createCertificate().key);
  await expect(testbed.sidecar.renewCertificate()).rejects.toMatchObject({ problems: [{ path: 'sidecar.tlsKey' }] });
  expect(await shown()).toBe(after);
});

test('a request that meets a connection the API is just closing is sent once more', async () => {
  let asked = 0;
  testbed.upstream.respond = (request, response) => {
    asked += 1;
    if (asked === 2) request.socket.destroy();
    else response.end('ok');
  };
  for (let n = 0; n < 2; n += 1) expect(await sendRequest({ ':path': '/' })).toMatchObject({ status: 200, body: 'ok' });
  expect(asked).toBe(3);
  await vi.waitFor(async () => expect((await accepted()).none.rejected).toBe(2));
});

test('a client whose connection ends, over TLS or in clear text, ends its requests to the API', async () => {
  const inClearText = await startTestbed();
  for (const { sidecar, upstream } of [testbed, inClearText]) {
    let gone = false;
    upstream.respond = (request, response) => {
      response.write('beginning');
      request.on('close', () => {
        gone = true;
      });
    };
    const leaving = connect(sidecar.dataUrl, { ca: pair.cert }).on('error', () => {});
    const stream = leaving.request({ ':path': '/' }).on('error', () => {});
    await once(stream, 'response');
    leaving.destroy();
    await vi.waitFor(() => expect(gone).toBe(true));
  }
  await inClearText.close();
});
