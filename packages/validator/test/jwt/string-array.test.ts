import { expect, test } from 'vitest';
import { readTextList } from '../../src/jwt/string-array.ts';

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
  expect(readTextList(value)).toEqual(list);
});

test.each([[null], [1], [true], [['a', 1]], [[['a']]], [{ 0: 'a', length: 1 }]])('finds no list in %j', (value) => {
  expect(readTextList(value)).toBeUndefined();
});
