import { expect, test } from 'vitest';
import { readHttp2Head } from '../../src/http/http2-head.ts';

test('tells the request line from the pseudo-header fields, and puts a cookie together again', () => {
  const raw = [':method', 'PUT', ':scheme', 'https', ':path', '/a?b', ':authority', 'api', 'host', 'other'];
  expect(readHttp2Head([...raw, 'cookie', 'a=1', 'x-a', '1', 'cookie', 'b=2'])).toEqual({
    method: 'PUT',
    target: '/a?b',
    rawHeaders: ['x-a', '1', 'host', 'api', 'cookie', 'a=1; b=2'],
  });
});

test('takes Host where there is no authority, every one of them', () => {
  expect(readHttp2Head([':method', 'GET', ':path', '/', 'host', 'a', 'host', 'b']).rawHeaders).toEqual([
    ...['host', 'a', 'host', 'b'],
  ]);
});

test('a request that names no path has an empty target', () => {
  expect(readHttp2Head([':method', 'CONNECT', ':authority', 'a:1'])).toMatchObject({ method: 'CONNECT', target: '' });
});
