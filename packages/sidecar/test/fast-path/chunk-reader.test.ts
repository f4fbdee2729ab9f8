import { expect, test } from 'vitest';
import { createChunkReader } from '../../src/fast-path/chunk-reader.ts';

const BODY = '3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-A: b\r\n\r\n';

test.each([1, 2, 5, 100])('in pieces of %d bytes a body ends at its last byte', (size) => {
  const bytes = Buffer.from(`${BODY}GET / HTTP/1.1\r\n`);
  const reader = createChunkReader();
  let data = '';
  let read = 0;
  while (reader.trailers() === undefined) {
    const piece = bytes.subarray(read, read + size);
    const end = reader.read(piece, (part) => (data += part)) ?? expect.unreachable();
    read += end;
    if (end < piece.length) break;
  }
  expect([data, read, reader.trailers()]).toEqual(['abcde', BODY.length, ['X-A', 'b']]);
});

test('the bytes of an unfinished trailer section are known', () => {
  const reader = createChunkReader();
  reader.read(Buffer.from('0\r\nX-A: b'));
  expect(reader.pendingBytes()).toBe('X-A: b'.length);
  reader.read(Buffer.from('\r\n\r\n'));
  expect(reader.pendingBytes()).toBe(0);
});
