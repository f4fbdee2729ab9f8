import { expect, test } from 'vitest';
import { requestHeaders, responseHeaders } from '../../../src/bff/api/api-headers.ts';

const cacheControl = (value: string) => responseHeaders(new Headers({ 'cache-control': value })).get('cache-control');

test.each([
  ['max-age=60', 'max-age=60, private'],
  ['no-cache', 'no-cache, private'],
  ['private, max-age=60', 'private, max-age=60'],
  ['no-store', 'no-store'],
  ['public, max-age=60', 'public, max-age=60'],
  ['s-maxage=60', 's-maxage=60'],
])('a response that says %s is cached as %s', (said, cached) => {
  expect(cacheControl(said)).toBe(cached);
});

test('a response that says nothing is not cached, and varies by the session', () => {
  const headers = responseHeaders(new Headers({ vary: 'Accept' }));
  expect(Object.fromEntries(headers)).toEqual({
    vary: 'Accept, Cookie',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
  });
});

test('what an API says about its response is kept', () => {
  const said = {
    'cross-origin-resource-policy': 'cross-origin',
    etag: '"1"',
    link: '</a>; rel=next',
    'retry-after': '3',
  };
  expect(Object.fromEntries(responseHeaders(new Headers(said)))).toMatchObject(said);
});

test('a header that Connection names belongs to the connection, in either direction', () => {
  const named = new Headers({
    connection: 'close, X-Named',
    'x-named': '1',
    'keep-alive': 'timeout=5',
    'x-other': '2',
  });
  expect([...requestHeaders(named, false).keys()]).toEqual(['x-other']);
  expect(responseHeaders(named).has('x-named')).toBe(false);
});

test('what CGI and WSGI read as another header goes, too', () => {
  const spelt = { proxy: 'http://evil', x_forwarded_for: '1', crossfade_subject: 'root', x_real_ip: '1', x_kept: '2' };
  expect([...requestHeaders(new Headers(spelt), false).keys()]).toEqual(['x_kept']);
});

test('Connection cannot take the token away: that is set afterwards', () => {
  const headers = requestHeaders(new Headers({ connection: 'authorization', authorization: 'Bearer x' }), false);
  expect([...headers]).toEqual([]);
});

test('a length without a body would make the API wait for one', () => {
  const headers = new Headers({ 'content-length': '3', 'transfer-encoding': 'chunked' });
  expect([...requestHeaders(headers, false)]).toEqual([]);
  expect([...requestHeaders(headers, true)]).toEqual([['content-length', '3']]);
});
