import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chunkedBody, fixedLengthBody, type ResponseBody } from '../../src/fast-path/response-body.ts';
import { parseResponse } from '../fixture/parser.ts';

interface Whole {
  readonly body: string;
  readonly rawTrailers: readonly string[];
  /** What comes behind the end. */
  readonly isMore: boolean;
}

/** Reads text piece by piece. @returns `more` when it does not end, `undefined` when it breaks the rules. */
function read(reader: ResponseBody, text: string, pieceBytes = text.length): Whole | 'more' | undefined {
  const bytes = Buffer.from(text, 'latin1');
  let body = '';
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const part = reader.read(bytes.subarray(at, at + pieceBytes));
    if (part === undefined) return undefined;
    body += part.data.toString('latin1');
    const { trailers, isMore } = part;
    if (trailers !== undefined)
      return { body, rawTrailers: trailers, isMore: isMore || at + pieceBytes < bytes.length };
  }
  return 'more';
}

const PIECES = [1, 2, 3, 7, 1_000];

describe('a counted body', () => {
  test.each(PIECES)('ends where it should, in pieces of %d bytes', (pieceBytes) => {
    expect(read(fixedLengthBody(5), 'hello', pieceBytes)).toEqual({ body: 'hello', rawTrailers: [], isMore: false });
    expect(read(fixedLengthBody(5), 'hello!', pieceBytes)).toEqual({ body: 'hello', rawTrailers: [], isMore: true });
    expect(read(fixedLengthBody(6), 'hello', pieceBytes)).toBe('more');
  });

  test('may be empty', () => {
    expect(fixedLengthBody(0).read(Buffer.alloc(0))).toMatchObject({ trailers: [], isMore: false });
  });
});

describe('a body in chunks', () => {
  test.each(PIECES)('is put together, in pieces of %d bytes', (pieceBytes) => {
    const text = '5\r\nhello\r\n0a;x="y"\r\n, \r\nworld\0\r\n1 \r\n!\r\n0\r\n\r\n'.replace('1 \r', '1\r');
    const whole = { body: 'hello, \r\nworld\0!', rawTrailers: [], isMore: false };
    expect(read(chunkedBody(), text, pieceBytes)).toEqual(whole);
    expect(read(chunkedBody(), `${text}x`, pieceBytes)).toEqual({ ...whole, isMore: true });
    expect(read(chunkedBody(), text.slice(0, -1), pieceBytes)).toBe('more');
  });

  test.each(PIECES)('may have trailers, in pieces of %d bytes', (pieceBytes) => {
    expect(read(chunkedBody(), '0\r\nX-A: b \r\nx-c:\r\n\r\n', pieceBytes)).toEqual({
      body: '',
      rawTrailers: ['X-A', 'b', 'x-c', ''],
      isMore: false,
    });
  });

  test.each([
    ['zeros before a size', '00000000000005\r\nhello'],
    ['quotes in an extension', '5;a="b\\"c \t\xff"\r\nhello'],
    ['several extensions', '5;a;b=c;d="e"\r\nhello'],
  ])('may have %s', (_name, text) => {
    expect(read(chunkedBody(), `${text}\r\n0\r\n\r\n`)).toMatchObject({ body: 'hello' });
  });

  test('may have tabs in its trailers', () => {
    expect(read(chunkedBody(), '0\r\nX-A:\tb\tc\t\r\n\r\n')).toMatchObject({ rawTrailers: ['X-A', 'b\tc'] });
  });

  test.each([
    ['no size', '\r\nhello\r\n'],
    ['a size that is none', 'g\r\nhello'],
    ['a signed size', '+5\r\nhello'],
    ['white space before a size', ' 5\r\nhello'],
    ['white space behind a size', '5 \r\nhello'],
    ['0x', '0x5\r\nhello'],
    ['a size above all measure', '100000000\r\n'],
    ['a bare line feed behind a size', '5\nhello'],
    ['a bare carriage return behind a size', '5\rhello'],
    ['a line feed in an extension', '5;a\nb\r\nhello'],
    ['an endless extension', `5;${'a'.repeat(2_000)}\r\nhello`],
    ['more data than the size', '5\r\nhello!\r\n'],
    ['a bare line feed behind data', '5\r\nhello\n0\r\n\r\n'],
    ['a bare line feed at the end', '0\r\n\n'],
    ['a trailer without a name', '0\r\n: b\r\n\r\n'],
    ['a folded trailer', '0\r\nX-A: b\r\n c\r\n\r\n'],
    ['endless trailers', `0\r\nX-A: ${'b'.repeat(20_000)}`],
  ])('is refused with %s', (_name, text) => {
    const outcome = read(chunkedBody(), `${text}\r\n\r\n`);
    expect(outcome).toBeUndefined();
  });

  test('is understood just so by a real parser, whatever is in it: 20,000 mutations', { timeout: 60_000 }, async () => {
    let [whole, other] = [0, 0];
    await fc.assert(
      fc.asyncProperty(mutations(), fc.constantFrom(...PIECES), async (text, pieceBytes) => {
        const outcome = read(chunkedBody(), text, pieceBytes);
        if (outcome === undefined || outcome === 'more' || outcome.isMore) {
          other += 1;
          return;
        }
        whole += 1;
        const bytes = Buffer.from(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${text}`, 'latin1');
        const { body, rawTrailers } = outcome;
        expect(await parseResponse(bytes)).toMatchObject({ body, rawTrailers });
      }),
      { numRuns: 20_000 },
    );
    expect(Math.min(whole, other)).toBeGreaterThan(500);
  });
});

/** Bodies in chunks, some of them spoiled. */
function mutations(): fc.Arbitrary<string> {
  const odd = fc.constantFrom(
    '\r',
    '\n',
    '\r\n',
    ' ',
    '\t',
    ';',
    ':',
    '0',
    'f',
    'G',
    '\0',
    '\x7f',
    '\xff',
    '0\r\n\r\n',
    '-',
  );
  const extension = fc.constantFrom('', '', '', ';a', ';a=b', ';a="b c"', ';a=b;c', ';a="\\"\t"', ';a="\xff"');
  const chunk = fc
    .tuple(fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 20 }), extension, fc.boolean())
    .map(([data, more, upper]) => {
      const size = data.length.toString(16);
      return `${upper ? `000000000${size.toUpperCase()}` : size}${more}\r\n${data}\r\n`;
    });
  const trailer = fc
    .tuple(fc.stringMatching(/^[!#$%&'*+.^_`|~\w-]{1,8}$/), fc.stringMatching(/^[\t\x20-\x7e\x80-\xff]{0,8}$/))
    .map(([name, value]) => `${name}: ${value}\r\n`);
  const whole = fc
    .tuple(fc.array(chunk, { maxLength: 4 }), fc.array(trailer, { maxLength: 2 }))
    .map(([chunks, trailers]) => `${chunks.join('')}0\r\n${trailers.join('')}\r\n`);
  const spoiled = fc.tuple(whole, fc.nat(), odd, fc.nat({ max: 2 })).map(([text, where, piece, cut]) => {
    const at = where % text.length;
    return text.slice(0, at) + piece + text.slice(at + cut);
  });
  return fc.oneof(whole, spoiled);
}
