import { describe, expect, test } from 'vitest';
import { chunkedBody, fixedLengthBody, type ResponseBody } from '../../src/fast-path/response-body.ts';

interface Whole {
  readonly body: string;
  readonly rawTrailers: readonly string[];
  /** There are bytes after the end. */
  readonly isMore: boolean;
}

/** Reads text piece by piece. @returns `more` if it does not end, `undefined` if it breaks a rule. */
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

describe('a body of fixed length', () => {
  test.each(PIECES)('ends after its length, in pieces of %d bytes', (pieceBytes) => {
    expect(read(fixedLengthBody(5), 'hello', pieceBytes)).toEqual({ body: 'hello', rawTrailers: [], isMore: false });
    expect(read(fixedLengthBody(5), 'hello!', pieceBytes)).toEqual({ body: 'hello', rawTrailers: [], isMore: true });
    expect(read(fixedLengthBody(6), 'hello', pieceBytes)).toBe('more');
  });

  test('may be empty', () => {
    expect(fixedLengthBody(0).read(Buffer.alloc(0))).toMatchObject({ trailers: [], isMore: false });
  });
});

describe('a body in chunks', () => {
  test.each(PIECES)('is decoded in pieces of %d bytes', (pieceBytes) => {
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
    ['an invalid size', 'g\r\nhello'],
    ['a signed size', '+5\r\nhello'],
    ['white space before a size', ' 5\r\nhello'],
    ['white space after a size', '5 \r\nhello'],
    ['0x', '0x5\r\nhello'],
    ['a size of 4 GiB', '100000000\r\n'],
    ['a bare line feed after a size', '5\nhello'],
    ['a bare carriage return after a size', '5\rhello'],
    ['a line feed in an extension', '5;a\nb\r\nhello'],
    ['an endless extension', `5;${'a'.repeat(2_000)}\r\nhello`],
    ['more data than the size', '5\r\nhello!\r\n'],
    ['a bare line feed after data', '5\r\nhello\n0\r\n\r\n'],
    ['a bare line feed at the end', '0\r\n\n'],
    ['a trailer without a name', '0\r\n: b\r\n\r\n'],
    ['a folded trailer', '0\r\nX-A: b\r\n c\r\n\r\n'],
    ['endless trailers', `0\r\nX-A: ${'b'.repeat(20_000)}`],
  ])('is rejected with %s', (_name, text) => {
    const outcome = read(chunkedBody(), `${text}\r\n\r\n`);
    expect(outcome).toBeUndefined();
  });
});
