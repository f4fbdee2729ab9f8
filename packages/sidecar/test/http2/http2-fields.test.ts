import { once } from 'node:events';
import { connect, constants, createServer } from 'node:http2';
import { expect, it } from 'vitest';
import { http2Fields } from '../../src/http2/http2-fields.ts';
import { listenOnLoopback } from '../fixture/listening.ts';

/** Every field that node:http2 knows by name; some it refuses in two lines. Two lengths or hosts make no message. */
const KNOWN = Object.entries(constants)
  .filter(([constant]) => constant.startsWith('HTTP2_HEADER_'))
  .map(([, name]) => String(name))
  .filter((name) => !name.startsWith(':') && name !== 'content-length' && name !== 'host');

it('keeps every line of a field that may be repeated, in order', () => {
  const fields = ['Set-Cookie', 'a=1', 'Via', '1.1 x', 'set-cookie', 'b=2', 'SET-COOKIE', 'a=1', 'via', '1.1 y'];
  expect({ ...http2Fields(fields) }).toEqual({ 'set-cookie': ['a=1', 'b=2', 'a=1'], via: ['1.1 x', '1.1 y'] });
});

it.each([
  ['X-Content-Type-Options', ['nosniff', 'nosniff'], 'nosniff'],
  ['X-Content-Type-Options', ['nosniff', 'other'], 'nosniff, other'],
  ['Content-Encoding', ['br', 'gzip'], 'br, gzip'],
  ['If-None-Match', ['"a"', '"b"'], '"a", "b"'],
  ['Location', ['/a', '/b'], '/a, /b'],
  ['Authorization', ['Bearer a', 'Bearer b'], 'Bearer a, Bearer b'],
  ['Access-Control-Allow-Credentials', ['true', 'false'], 'true, false'],
])('reduces %s: %j to one value', (name, values, expected) => {
  const fields = http2Fields(values.flatMap((value) => [name, value]));
  expect({ ...fields }).toEqual({ [name.toLowerCase()]: expected });
});

it('drops what concerns a connection, what is no field name, and all of TE but trailers', () => {
  const dropped = ['Connection', 'close', 'Keep-Alive', '5', 'Proxy-Connection', 'x', 'Transfer-Encoding', 'chunked'];
  const others = ['Upgrade', 'h2c', 'HTTP2-Settings', 'AAMAAABkAAQAAP__', ':status', '200', 'a b', 'c', 'te', 'gzip'];
  expect({ ...http2Fields([...dropped, ...others, 'TE', 'trailers', 'te', 'trailers', 'X', '1']) }).toEqual({
    te: 'trailers',
    x: '1',
  });
});

it('makes node:http2 take any repeated field in a request, a response and trailers, with every octet', async () => {
  const octets = String.fromCharCode(...Array.from({ length: 128 }, (_, index) => index + 128));
  const repeated = KNOWN.flatMap((name) => [name, '1', name, '2']);
  const fields = http2Fields([...repeated, 'x-octets', octets]);
  const server = createServer();
  const arrived: string[][] = [];
  server.on('stream', (stream, _headers, _flags, ...rest) => {
    const [rawHeaders] = rest as unknown as [string[]];
    arrived.push(rawHeaders);
    stream.respond({ ':status': 200, ...fields }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers(fields)).end();
  });
  const listening = await listenOnLoopback(server);
  const client = connect(listening.url);
  const stream = client.request({ ':path': '/', ...fields });
  stream.on('response', (...args) => arrived.push((args as unknown[])[2] as string[]));
  stream.on('trailers', (...args) => arrived.push((args as unknown[])[2] as string[]));
  await once(stream.resume(), 'close');
  client.close();
  await listening.close();
  expect(arrived).toHaveLength(3);
  for (const raw of arrived) {
    expect(raw.filter((_text, index) => index % 2 === 0)).toEqual(expect.arrayContaining(Object.keys(fields)));
    expect(raw[raw.indexOf('x-octets') + 1]).toBe(octets);
  }
});
