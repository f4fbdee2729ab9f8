import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mayBecomeSimple, readSimpleResponse } from '../../src/fast-path/simple-response.ts';
import { parseResponse } from '../fixture/parser.ts';

const head = (...fields: string[]) => `HTTP/1.1 200 OK\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`;

describe('a plain answer', () => {
  test('is read with its headers as they came', () => {
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

  test('to a HEAD has no body; its connection ends, for there may be one all the same', () => {
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
  ])('with %s leaves its connection for %d ms', (field, reusableMs) => {
    expect(readSimpleResponse('GET', head('Content-Length: 0', field))).toMatchObject({ reusableMs });
    expect(readSimpleResponse('GET', head(field, 'Connection: close', 'Content-Length: 0'))).toMatchObject({
      reusableMs: 0,
    });
  });

  test('is understood just so by a real parser, whatever is in it: 20,000 mutations', { timeout: 60_000 }, async () => {
    let [plain, other] = [0, 0];
    await fc.assert(
      fc.asyncProperty(mutations(), async (text) => {
        const answer = readSimpleResponse('GET', text);
        if (answer === undefined) {
          other += 1;
          return;
        }
        plain += 1;
        const { status, statusText, rawHeaders, length } = answer;
        if (Number(length) > 1_000) return;
        const body = length === 'chunked' ? 'hello' : 'x'.repeat(length);
        const framed = length === 'chunked' ? `5\r\n${body}\r\n0\r\n\r\n` : body;
        const understood = await parseResponse(Buffer.from(text + framed, 'latin1'));
        expect(understood).toEqual({ status, statusText, rawHeaders, body, rawTrailers: [] });
      }),
      { numRuns: 20_000 },
    );
    expect(Math.min(plain, other)).toBeGreaterThan(500);
  });
});

test('is waited for, unless it can not become one', () => {
  const text = head('Content-Length: 2');
  for (let length = 1; length < text.length; length += 1) expect(mayBecomeSimple(text.slice(0, length))).toBe(true);
  for (const other of ['SSH-2.0', 'HTTP/1.0 2', 'HTTP/1.1 200 OK\n', `HTTP/1.1 200 OK\r\nX-A: ${'b'.repeat(17_000)}`]) {
    expect(mayBecomeSimple(other)).toBe(false);
  }
});

describe('is for a real parser:', () => {
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
    ['an odd phrase', 'HTTP/1.1 200 \xff\r\nContent-Length: 0\r\n\r\n'],
    ['a folded header', head('X-A: b', ' c', 'Content-Length: 0')],
    ['nonsense', 'nonsense\r\n\r\n'],
  ])('%s', (_name, text) => {
    expect(readSimpleResponse('GET', text)).toBeUndefined();
  });
});

/** Header sections of answers that are nearly plain. */
function mutations(): fc.Arbitrary<string> {
  const odd = fc.constantFrom(
    ...['\r', '\n', '\r\n', '\0', '\t', ' ', ':', '\x0b', '\x7f', '\x80', '\xa0', '\xff', 'HTTP/1.0', '1', '\r\n '],
  );
  const name = fc.oneof(
    fc.constantFrom('Server', 'Connection', 'Transfer-Encoding', 'Keep-Alive', 'Upgrade', 'Content-Length', 'Trailer'),
    fc.stringMatching(/^[!#$%&'*+.^_`|~\w-]{1,8}$/),
  );
  const value = fc.oneof(
    fc.constantFrom('b', 'keep-alive', 'close', 'upgrade', '3', 'chunked', '', ' a \t', 'timeout=5'),
    fc.stringMatching(/^[\t\x20-\x7e\x80-\xff]{0,12}$/),
  );
  const field = fc.tuple(name, value).map(([left, right]) => `${left}: ${right}\r\n`);
  const line = fc
    .tuple(fc.constantFrom(200, 201, 204, 304, 404, 500, 599, 100, 600), fc.constantFrom(' OK', ' ', '', ' a b'))
    .map(([status, phrase]) => `HTTP/1.1 ${status}${phrase}\r\n`);
  const section = fc
    .tuple(
      line,
      fc.constantFrom('Content-Length: 5\r\n', 'content-length:0\r\n', ''),
      fc.array(field, { maxLength: 4 }),
    )
    .map(([first, length, fields]) => `${first}${length}${fields.join('')}\r\n`);
  const spoiled = fc.tuple(section, fc.nat(), odd, fc.nat({ max: 2 })).map(([text, where, piece, cut]) => {
    const at = where % (text.length - 3);
    return text.slice(0, at) + piece + text.slice(at + cut);
  });
  return fc.oneof(section, spoiled);
}
