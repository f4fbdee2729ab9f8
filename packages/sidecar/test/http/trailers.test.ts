import { expect, test } from 'vitest';
import { readTrailers, requestTrailers } from '../../src/http/trailers.ts';

test('lets pass what describes the body, in its order, repeated or not', () => {
  const trailers = ['X-Sum', 'a', 'Grpc-Status', '0', 'X-Sum', 'b'];
  expect(requestTrailers(trailers)).toEqual([
    ['X-Sum', 'a'],
    ['Grpc-Status', '0'],
    ['X-Sum', 'b'],
  ]);
});

test.each([
  'Authorization',
  'Cookie',
  'DPoP',
  'Crossfade-Subject',
  'crossfade_audience',
  'X-Forwarded-For',
  'X_Forwarded_Proto',
  'Forwarded',
  'Host',
  'Content-Length',
  'Transfer-Encoding',
  'Connection',
  'Expect',
])('keeps back %s: an API that merges trailers into its headers must not find it there', (name) => {
  expect(requestTrailers([name, 'x'])).toEqual([]);
});

test('trailers that would change the answer itself do not travel', () => {
  expect(
    readTrailers(['X-Sum', '1', 'Content-Length', '5', 'Transfer-Encoding', 'chunked', 'Grpc-Status', '0']),
  ).toEqual([
    ['X-Sum', '1'],
    ['Grpc-Status', '0'],
  ]);
});
