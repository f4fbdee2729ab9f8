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

test('takes headers apart that came more than once', () => {
  expect(reader.authorization(request)).toEqual(['Bearer a', 'Bearer b']);
  expect(reader.headerValues(request, 'dpop')).toEqual(['c', 'd']);
  expect(reader.authorization(new Request(request.url))).toEqual([]);
  expect(reader.headerValues(request, 'client-cert')).toEqual([]);
});

test('tells method and address; it knows no connection', () => {
  expect([reader.method(request), reader.origin(request)]).toEqual(['PUT', 'https://api.example.com']);
  expect(reader.target(request)).toContain('https://api.example.com/orders?a=1');
  expect(reader.certificate(request)).toBeUndefined();
});
