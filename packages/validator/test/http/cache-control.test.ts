import { expect, test } from 'vitest';
import { freshForMs } from '../../src/http/cache-control.ts';

test.each<[string, number | undefined]>([
  ['max-age=60', 60_000],
  ['public, MAX-AGE="60", immutable', 60_000],
  ['public,max-age=15,stale-while-revalidate=15', 15_000],
  ['max-age=60, max-age=30', 60_000],
  ['max-age=0', 0],
  ['max-age', 0],
  ['max-age=-1', 0],
  ['max-age=soon', 0],
  ['no-cache', 0],
  ['max-age=60, No-Store', 0],
  ['no-cache, max-age=60', 0],
  ['no-cache="set-cookie, x-max-age", max-age=60', 60_000],
  ['x="a, max-age=1", max-age=60', 60_000],
  ['private', undefined],
  ['s-maxage=60', undefined],
  ['', undefined],
])('Cache-Control: %s keeps a response fresh for %s ms', (cacheControl, expected) => {
  expect(freshForMs(new Headers({ 'cache-control': cacheControl }))).toBe(expected);
});

test.each([
  ['20', 40_000],
  ['90', 0],
  ['unknown', 60_000],
])('Age: %s leaves %s ms of a max-age of a minute', (age, expected) => {
  expect(freshForMs(new Headers({ 'cache-control': 'max-age=60', age }))).toBe(expected);
});

test('a response without Cache-Control says nothing', () => {
  expect(freshForMs(new Headers({ age: '20' }))).toBeUndefined();
});
