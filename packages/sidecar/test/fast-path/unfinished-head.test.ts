import { expect, test } from 'vitest';
import { createUnfinishedHead } from '../../src/fast-path/unfinished-head.ts';

const HEAD = `GET / HTTP/1.1\r\nHost: a\r\nX-A: ${'b'.repeat(3_000)}\r\n\r\n`;

test.each([1, 7, 1_000])('a header section in pieces of %d bytes ends where it ends', (size) => {
  const bytes = Buffer.from(`${HEAD}body\r\n\r\n`);
  const head = createUnfinishedHead(bytes.subarray(0, size));
  for (let at = size; at < bytes.length; at += size) {
    expect(head.end()).toBe(at >= HEAD.length ? HEAD.length : undefined);
    head.append(bytes.subarray(at, at + size));
    expect(head.isMalformed()).toBe(false);
  }
  expect(head.bytes().equals(bytes)).toBe(true);
  expect(head.end()).toBe(HEAD.length);
});

test('takes no more than about twice its bytes', () => {
  const head = createUnfinishedHead(Buffer.from('G'));
  for (let count = 0; count < 50_000; count += 1) head.append(Buffer.from('E'));
  expect(head.capacity()).toBeLessThan(2 * 50_001 + 1_024);
});

test('is malformed with a bare line feed, whichever piece has it', () => {
  const head = createUnfinishedHead(Buffer.from('GET / HTTP/1.1\r'));
  head.append(Buffer.from('\nHost: a'));
  expect(head.isMalformed()).toBe(false);
  head.append(Buffer.from('\n'));
  expect(head.isMalformed()).toBe(true);
});
