import { expect, test } from 'vitest';
import { readPreface } from '../../src/fast-path/preface.ts';

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

test.each([
  [PREFACE, 'whole'],
  [`${PREFACE}\0\0`, 'whole'],
  ['P', 'beginning'],
  ['PRI * HTTP/2.0\r\n\r\n', 'beginning'],
  ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r', 'beginning'],
  ['POST / HTTP/1.1\r\n', 'none'],
  ['PRI * HTTP/2.0\r\n\r\nGET', 'none'],
])('%j: %s', (text, expected) => {
  expect(readPreface(Buffer.from(text))).toBe(expected);
});
