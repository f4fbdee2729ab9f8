import { expect, test } from 'vitest';
import { fetchRequestReader as reader } from '../../src/request/fetch-request-reader.ts';

const request = new Request('https://api.example.com/orders?a=1#b', {
  method: 'PUT',
  headers: [
    ['Authorization', 'Bearer a'],
    ['Authorization', 'Bearer b'],
    ['DPoP', 'c'],
    ['DPoP', 'd'],
  ],
});

test('splits repeated headers', () => {
  expect(reader.authorization(request)).toEqual(['Bearer a', 'Bearer b']);
  expect(reader.headerValues(request, 'dpop')).toEqual(['c', 'd']);
  expect(reader.authorization(new Request(request.url))).toEqual([]);
  expect(reader.headerValues(request, 'client-cert')).toEqual([]);
});

test('reads method and URL, and no certificate', () => {
  expect([reader.method(request), reader.base(request)]).toEqual(['PUT', 'https://api.example.com']);
  expect(reader.target(request)).toContain('https://api.example.com/orders?a=1');
  expect(reader.certificate(request)).toBeUndefined();
});
