import { expect, test } from 'vitest';
import { retryAfterSeconds } from '../../src/provider/retry-after.ts';

const NOW_MS = Date.parse('1994-11-06T08:49:07Z');

test.each([
  ['7', 7],
  [' 7 ', 7],
  ['0', 0],
  ['Sun, 06 Nov 1994 08:49:37 GMT', 30],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 30],
  ['Sun Nov  6 08:49:37 1994', 30],
  ['Sun, 06 Nov 1994 08:00:00 GMT', 0],
  ['Thu, 31 Dec 2099 23:59:59 GMT', 300],
  ['999999999999', 300],
  ['-1', undefined],
  ['1.5', undefined],
  ['soon', undefined],
  ['Sun, 99 Foo 1994 99:99:99 GMT', undefined],
  ['1994-11-06T08:49:37Z', undefined],
  ['', undefined],
])('reads %j as %s seconds', (value, seconds) => {
  expect(retryAfterSeconds(new Headers({ 'retry-after': value }), NOW_MS)).toBe(seconds);
});

test('without the header there is no wait', () => {
  expect(retryAfterSeconds(new Headers(), NOW_MS)).toBeUndefined();
});
