import { describe, expect, test } from 'vitest';
import { readSimpleRequest } from '../../src/fast-path/simple-request.ts';

const read = (text: string) => readSimpleRequest(Buffer.from(text, 'latin1'));
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

  test('may become one as long as it is incomplete', () => {
    const text = `GET /orders HTTP/1.1\r\n${HOST}\r\n`;
    for (let length = 1; length < text.length; length += 1) expect(read(text.slice(0, length))).toBe('more');
    expect(read(text)).toMatchObject({ target: '/orders' });
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
    ['an incomplete body', `POST / HTTP/1.1\r\n${HOST}Content-Length: 2\r\n\r\na`],
    ['more than a body', `POST / HTTP/1.1\r\n${HOST}Content-Length: 2\r\n\r\nabc`],
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
    ['two requests', `GET / HTTP/1.1\r\n${HOST}\r\nGET /b HTTP/1.1\r\n${HOST}\r\n`],
    ['one and a half', `GET / HTTP/1.1\r\n${HOST}\r\nGET /b`],
    ['a bare line feed', `GET / HTTP/1.1\r\n${HOST}X-A: b\nX-C: d\r\n\r\n`],
    ['bare line feeds throughout', 'GET / HTTP/1.1\nHost: a\n\n'],
    ['a bare carriage return', `GET / HTTP/1.1\r\n${HOST}X-A: b\rX-C: d\r\n\r\n`],
    ['a folded header', `GET / HTTP/1.1\r\n${HOST}X-A: b\r\n c\r\n\r\n`],
    ['white space before the colon', `GET / HTTP/1.1\r\n${HOST}X-A : b\r\n\r\n`],
    ['a tab', `GET / HTTP/1.1\r\n${HOST}X-A:\tb\r\n\r\n`],
    ['a NUL', `GET / HTTP/1.1\r\n${HOST}X-A: b\0\r\n\r\n`],
    ['a DEL', `GET / HTTP/1.1\r\n${HOST}X-A: b\x7f\r\n\r\n`],
    ['a header without a name', `GET / HTTP/1.1\r\n${HOST}: b\r\n\r\n`],
    ['a header without a colon', `GET / HTTP/1.1\r\n${HOST}nonsense\r\n\r\n`],
    ['an invalid name', `GET / HTTP/1.1\r\n${HOST}X(A): b\r\n\r\n`],
    ['a header section that begins with a bare line feed', 'GET / HTTP/1.1\nHost'],
    ['a long section', `GET / HTTP/1.1\r\n${HOST}X-A: ${'b'.repeat(16_384)}\r\n\r\n`],
    ['a TLS handshake', '\x16\x03\x01\x02\x00'],
  ])('%s', (_name, text) => {
    expect(read(text)).toBeUndefined();
  });
});
