import { expect, it } from 'vitest';
import { isBearerToken, isScopeToken } from '../../src/vocabulary/oauth-syntax.ts';

it.each([
  ['orders:read', true],
  ['https://api.example.com/orders.read', true],
  ['!#[]~', true],
  ['', false],
  ['orders read', false],
  ['say"hi"', false],
  ['a\\b', false],
  ['lire-café', false],
])('says whether "%s" is a scope value: %s', (text, expected) => {
  expect(isScopeToken(text)).toBe(expected);
});

it.each([
  ['mF_9.B5f-4.1JqM', true],
  ['a+/~b==', true],
  ['', false],
  ['=', false],
  ['a=b', false],
  ['two words', false],
  ['semi;colon', false],
])('says whether "%s" is a bearer token: %s', (text, expected) => {
  expect(isBearerToken(text)).toBe(expected);
});
