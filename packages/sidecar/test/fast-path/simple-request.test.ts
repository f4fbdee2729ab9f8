import { describe, expect, test } from 'vitest';
import { endOfHead, isMalformed, readSimpleRequest, skipEmptyLines } from '../../src/fast-path/simple-request.ts';

const read = (text: string) => {
  const bytes = Buffer.from(text, 'latin1');
  return readSimpleRequest(bytes, endOfHead(bytes, 0) ?? expect.unreachable('no end of a header section'));
};
const HOST = 'Host: a\r\n';

describe('a simple request', () => {
  test('is read with its original headers, without the spaces around values', () => {
    const text = `GET /a?b=%20#c HTTP/1.1\r\n${HOST}X-One:1\r\nx-one:   2 3  \r\nX-Empty:\r\nX-High: \xa0\xff\x85\r\n\r\n`;
    expect(read(text)).toEqual({
      method: 'GET',
      target: '/a?b=%20#c',
      rawHeaders: ['Host', 'a', 'X-One', '1', 'x-one', '2 3', 'X-Empty', '', 'X-High', '\xa0\xff\x85'],
      body: Buffer.alloc(0),
      isLast: false,
      size: text.length,
    });
  });

  test.each(['GET', 'HEAD', 'OPTIONS', 'DELETE'])('may be a %s without a body', (method) => {
    expect(read(`${method} / HTTP/1.1\r\n${HOST}\r\n`)).toMatchObject({ method, body: Buffer.alloc(0) });
  });

  test.each(['GET', 'HEAD', 'OPTIONS', 'DELETE', 'POST', 'PUT', 'PATCH'])('may be a %s with a body', (method) => {
    for (const body of ['', 'a', '\r\n\r\n', '\0\xff']) {
      const text = `${method} / HTTP/1.1\r\n${HOST}Content-Length: ${body.length}\r\n\r\n${body}`;
      expect(read(text)).toMatchObject({ method, body: Buffer.from(body, 'latin1') });
    }
  });

  test.each([
    ['keep-alive', false],
    ['Keep-Alive', false],
    ['close', true],
    ['Close', true],
  ])('may say Connection: %s', (option, isLast) => {
    expect(read(`GET / HTTP/1.1\r\n${HOST}Connection: ${option}\r\n\r\n`)).toMatchObject({ isLast });
  });

  test('may still miss a part of its body', () => {
    const text = `POST /orders HTTP/1.1\r\n${HOST}Content-Length: 2\r\n\r\n`;
    expect(read(text)).toBe('body');
    expect(read(`${text}a`)).toBe('body');
  });

  test.each(['GET /b HTTP/1.1\r\nHost: b\r\n\r\n', 'GET /b', '\r\n', '\0'])('ends where %j begins', (next) => {
    const text = `POST / HTTP/1.1\r\n${HOST}Content-Length: 2\r\n\r\nab`;
    expect(read(text + next)).toMatchObject({ body: Buffer.from('ab'), size: text.length });
  });
});

describe('the fast path leaves to node:http', () => {
  test.each([
    ['another method', `TRACE / HTTP/1.1\r\n${HOST}\r\n`],
    ['an unknown method', `REPORT / HTTP/1.1\r\n${HOST}\r\n`],
    ['a method in lower case', `get / HTTP/1.1\r\n${HOST}\r\n`],
    ['an older version', `GET / HTTP/1.0\r\n${HOST}\r\n`],
    ['an absolute target', `GET http://a/ HTTP/1.1\r\n${HOST}\r\n`],
    ['an asterisk', `GET * HTTP/1.1\r\n${HOST}\r\n`],
    ['a space in the target', `GET /a b HTTP/1.1\r\n${HOST}\r\n`],
    ['an umlaut in the target', `GET /\xe4 HTTP/1.1\r\n${HOST}\r\n`],
    ['two spaces', `GET  / HTTP/1.1\r\n${HOST}\r\n`],
    ['an empty line first', `\r\nGET / HTTP/1.1\r\n${HOST}\r\n`],
    ['no Host', 'GET / HTTP/1.1\r\nX-A: b\r\n\r\n'],
    ['no header at all', 'GET / HTTP/1.1\r\n\r\n'],
    ['two Hosts', `GET / HTTP/1.1\r\n${HOST}host: b\r\n\r\n`],
    ['a body without a length', `POST / HTTP/1.1\r\n${HOST}\r\na`],
    ['two lengths', `POST / HTTP/1.1\r\n${HOST}Content-Length: 1\r\ncontent-length: 1\r\n\r\na`],
    ['a POST without a length', `POST / HTTP/1.1\r\n${HOST}\r\n`],
    ['a length with zeros before it', `POST / HTTP/1.1\r\n${HOST}Content-Length: 01\r\n\r\na`],
    ['a signed length', `POST / HTTP/1.1\r\n${HOST}Content-Length: +1\r\n\r\na`],
    ['an empty length', `POST / HTTP/1.1\r\n${HOST}Content-Length:\r\n\r\n`],
    ['a list of lengths', `POST / HTTP/1.1\r\n${HOST}Content-Length: 1, 1\r\n\r\na`],
    [
      'a length and a transfer coding',
      `POST / HTTP/1.1\r\n${HOST}Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n`,
    ],
    ['a transfer coding', `GET / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['an expectation', `GET / HTTP/1.1\r\n${HOST}EXPECT: 100-continue\r\n\r\n`],
    ['an upgrade', `GET / HTTP/1.1\r\n${HOST}Upgrade: websocket\r\nConnection: upgrade\r\n\r\n`],
    ['an upgrade without Connection', `GET / HTTP/1.1\r\n${HOST}Upgrade: h2c\r\n\r\n`],
    ['trailers in the response', `GET / HTTP/1.1\r\n${HOST}TE: trailers\r\n\r\n`],
    ['trailers', `GET / HTTP/1.1\r\n${HOST}Trailer: x\r\n\r\n`],
    ['a header that Connection names', `GET / HTTP/1.1\r\n${HOST}Connection: keep-alive, x-a\r\nX-A: b\r\n\r\n`],
    ['a bare line feed', `GET / HTTP/1.1\r\n${HOST}X-A: b\nX-C: d\r\n\r\n`],
    ['a bare carriage return', `GET / HTTP/1.1\r\n${HOST}X-A: b\rX-C: d\r\n\r\n`],
    ['a folded header', `GET / HTTP/1.1\r\n${HOST}X-A: b\r\n c\r\n\r\n`],
    ['white space before the colon', `GET / HTTP/1.1\r\n${HOST}X-A : b\r\n\r\n`],
    ['a tab', `GET / HTTP/1.1\r\n${HOST}X-A:\tb\r\n\r\n`],
    ['a NUL', `GET / HTTP/1.1\r\n${HOST}X-A: b\0\r\n\r\n`],
    ['a DEL', `GET / HTTP/1.1\r\n${HOST}X-A: b\x7f\r\n\r\n`],
    ['a header without a name', `GET / HTTP/1.1\r\n${HOST}: b\r\n\r\n`],
    ['a header without a colon', `GET / HTTP/1.1\r\n${HOST}nonsense\r\n\r\n`],
    ['an invalid name', `GET / HTTP/1.1\r\n${HOST}X(A): b\r\n\r\n`],
    ['a long section', `GET / HTTP/1.1\r\n${HOST}X-A: ${'b'.repeat(16_384)}\r\n\r\n`],
  ])('%s', (_name, text) => {
    expect(read(text)).toBeUndefined();
  });
});

describe('the beginning of a header section', () => {
  test('is not malformed, however short it is', () => {
    const text = `M-SEARCH * HTTP/1.1\r\n${HOST}X-Tab:\tb\r\nX-High: \xff\x7f\r\n\r`;
    for (let length = 1; length <= text.length; length += 1) {
      expect(isMalformed(Buffer.from(text.slice(0, length), 'latin1'), 0)).toBe(false);
    }
  });

  test.each([
    '\x16\x03\x01\x02\x00',
    'get /',
    ' GET /',
    'GET\t/',
    'GET / HTTP/1.1\nHost: a\n\n',
    'G\0',
    'GET /\rHost',
    '-',
  ])('is malformed if it is %j', (text) => {
    expect(isMalformed(Buffer.from(text, 'latin1'), 0)).toBe(true);
  });

  test('is malformed if a line feed stands alone at the seam of two pieces', () => {
    const bytes = Buffer.from(`GET / HTTP/1.1\r\n${HOST}X: ${'a'.repeat(40)}\nb`, 'latin1');
    const seam = bytes.length - 2;
    expect(isMalformed(bytes.subarray(0, seam), 0)).toBe(false);
    expect(isMalformed(bytes, seam)).toBe(true);
    const good = Buffer.from(`GET / HTTP/1.1\r\n${HOST}X: ${'a'.repeat(40)}\r\nb`, 'latin1');
    expect(isMalformed(good, good.length - 2)).toBe(false);
  });

  test('may follow empty lines', () => {
    expect(skipEmptyLines(Buffer.from('\r\n\r\nGET')).toString()).toBe('GET');
    expect(skipEmptyLines(Buffer.from('GET\r\n')).toString()).toBe('GET\r\n');
    expect(skipEmptyLines(Buffer.from('\r\n')).toString()).toBe('');
  });
});
