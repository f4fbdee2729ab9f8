import { describe, expect, test } from 'vitest';
import { mayBecomeSimple, readSimpleResponse } from '../../src/fast-path/simple-response.ts';

const head = (...fields: string[]) => `HTTP/1.1 200 OK\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`;

describe('a simple response', () => {
  test('is read with its original headers', () => {
    expect(
      readSimpleResponse('GET', 'HTTP/1.1 404 Not Found\r\nX-A:  b \r\nset-cookie: c\r\nContent-Length: 12\r\n\r\n'),
    ).toEqual({
      status: 404,
      statusText: 'Not Found',
      rawHeaders: ['X-A', 'b', 'set-cookie', 'c', 'Content-Length', '12'],
      length: 12,
      reusableMs: 1_000,
    });
  });

  test.each(['HTTP/1.1 200\r\n', 'HTTP/1.1 200 \r\n'])('may have no reason phrase: %j', (line) => {
    expect(readSimpleResponse('GET', `${line}Content-Length: 0\r\n\r\n`)).toMatchObject({
      status: 200,
      statusText: '',
    });
  });

  test.each([204, 304])('of %d has no body', (status) => {
    for (const fields of ['', 'Content-Length: 7\r\n']) {
      expect(readSimpleResponse('GET', `HTTP/1.1 ${status} x\r\n${fields}\r\n`)).toMatchObject({ length: 0 });
    }
  });

  test('may come in chunks, with trailers', () => {
    const text = head('Transfer-Encoding: Chunked', 'Trailer: X-A');
    expect(readSimpleResponse('GET', text)).toMatchObject({ length: 'chunked' });
  });

  test('to a HEAD has no body, and closes its connection in case one comes', () => {
    expect(readSimpleResponse('HEAD', head('Content-Length: 7'))).toMatchObject({ length: 0, reusableMs: 0 });
    expect(readSimpleResponse('HEAD', head())).toMatchObject({ length: 0 });
    expect(readSimpleResponse('HEAD', head('Transfer-Encoding: chunked'))).toBeUndefined();
  });

  test.each([
    ['Connection: close', 0],
    ['connection: Close, x', 0],
    ['Connection: keep-alive', 1_000],
    ['Keep-Alive: timeout=5', 3_000],
    ['Keep-Alive: timeout=5, max=100', 3_000],
    ['Keep-Alive: timeout=2', 0],
    ['Keep-Alive: timeout=1', 0],
    ['Keep-Alive: max=100', 1_000],
    ['Keep-Alive: timeout=86400', 60_000],
  ])('with %s leaves its connection reusable for %d ms', (field, reusableMs) => {
    expect(readSimpleResponse('GET', head('Content-Length: 0', field))).toMatchObject({ reusableMs });
    expect(readSimpleResponse('GET', head(field, 'Connection: close', 'Content-Length: 0'))).toMatchObject({
      reusableMs: 0,
    });
  });
});

test('an incomplete header section may become a simple one until it breaks a rule', () => {
  const text = head('Content-Length: 2');
  for (let length = 1; length < text.length; length += 1) expect(mayBecomeSimple(text.slice(0, length))).toBe(true);
  for (const other of ['SSH-2.0', 'HTTP/1.0 2', 'HTTP/1.1 200 OK\n', `HTTP/1.1 200 OK\r\nX-A: ${'b'.repeat(17_000)}`]) {
    expect(mayBecomeSimple(other)).toBe(false);
  }
});

describe('the fast path leaves to node:http', () => {
  test.each([
    ['no length', head('X-A: b')],
    ['another transfer coding', head('Transfer-Encoding: gzip, chunked')],
    ['chunked twice', head('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked')],
    ['both', head('Content-Length: 1', 'transfer-encoding: chunked')],
    ['both, the other way around', head('transfer-encoding: chunked', 'Content-Length: 1')],
    ['chunks without a body', 'HTTP/1.1 204 x\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['two lengths', head('Content-Length: 1', 'content-length: 1')],
    ['a list of lengths', head('Content-Length: 1, 1')],
    ['a signed length', head('Content-Length: +1')],
    ['a length and a tab', head('Content-Length: 1\t')],
    ['an endless length', head('Content-Length: 9999999999999999')],
    ['trailers', head('Content-Length: 1', 'Trailer: x')],
    ['100', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['103', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'],
    ['an older version', 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n'],
    ['bare line feeds', 'HTTP/1.1 200 OK\nContent-Length: 0\n\r\n\r\n'],
    ['an invalid phrase', 'HTTP/1.1 200 \xff\r\nContent-Length: 0\r\n\r\n'],
    ['a folded header', head('X-A: b', ' c', 'Content-Length: 0')],
    ['nonsense', 'nonsense\r\n\r\n'],
  ])('%s', (_name, text) => {
    expect(readSimpleResponse('GET', text)).toBeUndefined();
  });
});
