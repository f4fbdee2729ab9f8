import { expect, test } from 'vitest';
import { readHttp2Head } from '../../src/http2/http2-head.ts';

test('method and target come from pseudo-header fields, and the parts of a cookie are joined', () => {
  const raw = [':method', 'PUT', ':scheme', 'https', ':path', '/a?b', ':authority', 'api', 'host', 'other'];
  expect(readHttp2Head([...raw, 'cookie', 'a=1', 'x-a', '1', 'cookie', 'b=2'])).toEqual({
    method: 'PUT',
    target: '/a?b',
    rawHeaders: ['x-a', '1', 'host', 'api', 'cookie', 'a=1; b=2'],
  });
});

test('every Host is kept if there is no authority', () => {
  expect(readHttp2Head([':method', 'GET', ':path', '/', 'host', 'a', 'host', 'b']).rawHeaders).toEqual([
    ...['host', 'a', 'host', 'b'],
  ]);
});

test('a request without a path has an empty target', () => {
  expect(readHttp2Head([':method', 'CONNECT', ':authority', 'a:1'])).toMatchObject({ method: 'CONNECT', target: '' });
});
