import { expect, test } from 'vitest';
import { presentedToken, tokenText, UNREADABLE_TOKEN } from '../../src/request/presented-token.ts';

test.each([
  ['a bearer token', 'Bearer abc.def', { scheme: 'Bearer', start: 7 }, 'abc.def'],
  ['a token with a proof', 'DPoP abc', { scheme: 'DPoP', start: 5 }, 'abc'],
  ['a scheme in other case', 'bEARER abc', { scheme: 'Bearer', start: 7 }, 'abc'],
  ['several spaces', 'DPoP   abc', { scheme: 'DPoP', start: 7 }, 'abc'],
  ['one value in a list', ['DPoP abc'], { scheme: 'DPoP', start: 5 }, 'abc'],
  ['text after a token, too,', 'Bearer abc, Bearer def', { scheme: 'Bearer', start: 7 }, 'abc, Bearer def'],
  ['a scheme without a token', 'DPoP', { scheme: 'DPoP' }, UNREADABLE_TOKEN],
  ['a scheme and spaces', 'Bearer  ', { scheme: 'Bearer' }, UNREADABLE_TOKEN],
  ['several headers', ['DPoP abc', 'DPoP abc'], {}, UNREADABLE_TOKEN],
])('finds %s', (_, header, where, token) => {
  const presented = presentedToken(header);
  expect(presented).toMatchObject(where);
  expect(presented && tokenText(presented)).toBe(token);
});

test.each([
  ['no header', undefined],
  ['no values', []],
  ['an empty header', ''],
  ['another scheme', 'Basic dXNlcjpwYXNz'],
  ['a scheme with Bearer as its prefix', 'BearerToken abc'],
])('finds no token in %s', (_, header) => {
  expect(presentedToken(header)).toBeUndefined();
});
