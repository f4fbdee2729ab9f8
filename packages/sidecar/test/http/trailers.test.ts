import { expect, test } from 'vitest';
import { readTrailers, requestTrailers } from '../../src/http/trailers.ts';

test('request trailers that describe the body are forwarded in order', () => {
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
  'Proxy',
  'Client-Cert',
  'client_cert_chain',
  'X-SSL-Client-Cert',
  'X-Forwarded-Client-Cert',
])('the request trailer %s is dropped', (name) => {
  expect(requestTrailers([name, 'x'])).toEqual([]);
});

test('trailers that would change the response itself are dropped', () => {
  expect(
    readTrailers(['X-Sum', '1', 'Content-Length', '5', 'Transfer-Encoding', 'chunked', 'Grpc-Status', '0']),
  ).toEqual([
    ['X-Sum', '1'],
    ['Grpc-Status', '0'],
  ]);
});
