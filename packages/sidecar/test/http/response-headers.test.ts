import { expect, test } from 'vitest';
import { readResponseHeaders } from '../../src/http/response-headers.ts';

const raw = (...parts: string[]) => parts.map((part) => Buffer.from(part, 'latin1'));

test('order, spelling, repetition and every octet are kept', () => {
  expect(readResponseHeaders(raw('Set-Cookie', 'a', 'X-Ä', 'é', 'set-cookie', 'b'))).toEqual([
    'Set-Cookie',
    'a',
    'X-Ä',
    'é',
    'set-cookie',
    'b',
  ]);
});

test('fields of the connection to the API are dropped, and the announcement of trailers is kept', () => {
  const fields = readResponseHeaders(
    raw(
      'Connection',
      'keep-alive, X-Hop',
      'Keep-Alive',
      'timeout=5',
      'X-Hop',
      '1',
      'Transfer-Encoding',
      'chunked',
      'Trailer',
      'X-T',
      'X-A',
      '1',
    ),
  );
  expect(fields).toEqual(['Trailer', 'X-T', 'X-A', '1']);
});

test('a challenge that Connection nominates is kept', () => {
  expect(readResponseHeaders(raw('Connection', 'www-authenticate', 'WWW-Authenticate', 'Bearer'))).toEqual([
    'WWW-Authenticate',
    'Bearer',
  ]);
});
