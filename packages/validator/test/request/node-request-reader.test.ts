import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect, createServer, type Http2ServerRequest } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { nodeRequestReader } from '../../src/request/node-request-reader.ts';

function request(socket: object, headers: Record<string, string> = { host: 'api.example.com:8443' }) {
  return {
    socket,
    headers,
    rawHeaders: ['DPoP', 'a', 'dpop', 'b'],
    method: 'GET',
    url: '/a',
  } as unknown as IncomingMessage;
}

test('derives the origin from the connection and the host header', () => {
  expect(nodeRequestReader.base(request({}))).toBe('http://api.example.com:8443');
  expect(nodeRequestReader.base(request({ encrypted: true }))).toBe('https://api.example.com:8443');
  expect(nodeRequestReader.base(request({}, { ':authority': 'h2.example.com' }))).toBe('http://h2.example.com');
});

test('reads every value of a header', () => {
  expect(nodeRequestReader.headerValues(request({}), 'dpop')).toEqual(['a', 'b']);
});

test('reads the certificate once per connection, and only with TLS', () => {
  let reads = 0;
  const getPeerX509Certificate = () => {
    reads += 1;
    return { raw: Buffer.from('cert') };
  };
  const socket = { encrypted: true, getPeerX509Certificate };

  const thumbprint = nodeRequestReader.certificate(request(socket));
  expect(thumbprint).toMatch(/^[\w-]{43}$/);
  expect(nodeRequestReader.certificate(request(socket))).toBe(thumbprint);
  expect(reads).toBe(1);
  expect(nodeRequestReader.certificate(request({ getPeerX509Certificate }))).toBeUndefined();
});

test('sees a body over HTTP/2, which no header announces', async () => {
  const seen: (boolean | undefined)[] = [nodeRequestReader.hasBody?.(request({}))];
  const server = createServer((http2Request: Http2ServerRequest, response) => {
    seen.push(nodeRequestReader.hasBody?.(http2Request as unknown as IncomingMessage));
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  for (const body of [undefined, 'a body']) {
    const stream = client.request({ ':method': 'OPTIONS' }, { endStream: body === undefined }).resume();
    if (body !== undefined) stream.end(body);
    await once(stream, 'close');
  }
  client.destroy();
  server.close();
  await once(server, 'close');

  expect(seen).toEqual([false, false, true]);
});
