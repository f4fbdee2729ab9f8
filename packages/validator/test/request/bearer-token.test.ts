import { describe, expect, test } from 'vitest';
import { authorizationValues, readBearerToken, readDpopToken } from '../../src/request/bearer-token.ts';
import { UNREADABLE_TOKEN } from '../../src/request/presented-token.ts';

describe('readBearerToken', () => {
  test.each([
    ['no header', undefined, undefined],
    ['no values', [], undefined],
    ['another scheme', 'Basic dXNlcjpwYXNz', undefined],
    ['a scheme with Bearer as its prefix', 'BearerToken abc', undefined],
    ['a token', 'Bearer abc.def', 'abc.def'],
    ['a scheme in other case', 'bEARER abc', 'abc'],
    ['several spaces', 'Bearer   abc', 'abc'],
    ['one value in a list', ['Bearer abc'], 'abc'],
    ['a scheme without a token', 'Bearer', UNREADABLE_TOKEN],
    ['a scheme and a space', 'Bearer ', UNREADABLE_TOKEN],
    ['several headers', ['Bearer abc', 'Bearer abc'], UNREADABLE_TOKEN],
    ['several headers, one of another scheme', ['Basic abc', 'Bearer abc'], UNREADABLE_TOKEN],
  ])('reads %s', (_, header, token) => {
    expect(readBearerToken(header)).toBe(token);
  });

  test('keeps text after a token, for the validator to reject', () => {
    expect(readBearerToken('Bearer abc, Bearer def')).toBe('abc, Bearer def');
  });
});

test.each([
  ['no header', undefined, undefined],
  ['a bearer token', 'Bearer abc', undefined],
  ['a token', 'DPoP abc', 'abc'],
  ['a scheme in other case', ['dpop abc'], 'abc'],
  ['a scheme without a token', 'DPoP', UNREADABLE_TOKEN],
  ['several headers', ['DPoP abc', 'Bearer abc'], UNREADABLE_TOKEN],
])('readDpopToken reads %s', (_, header, token) => {
  expect(readDpopToken(header)).toBe(token);
});

test('finds every Authorization value among raw headers, in any case', () => {
  const raw = ['Host', 'a', 'Authorization', 'Bearer a', 'Authorisation', 'x', 'AUTHORIZATION', 'Bearer b'];

  expect(authorizationValues(raw)).toEqual(['Bearer a', 'Bearer b']);
});
