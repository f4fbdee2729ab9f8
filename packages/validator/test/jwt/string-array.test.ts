import { expect, test } from 'vitest';
import { readStringArray } from '../../src/jwt/string-array.ts';

test.each([
  [undefined, []],
  ['a', ['a']],
  ['', ['']],
  [[], []],
  [
    ['a', 'b'],
    ['a', 'b'],
  ],
])('reads %j', (value, list) => {
  expect(readStringArray(value)).toEqual(list);
});

test.each([[null], [1], [true], [['a', 1]], [[['a']]], [{ 0: 'a', length: 1 }]])('rejects %j', (value) => {
  expect(readStringArray(value)).toBeUndefined();
});
