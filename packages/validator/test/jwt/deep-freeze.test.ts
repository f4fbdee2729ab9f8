import { expect, test } from 'vitest';
import { deepFreeze } from '../../src/jwt/deep-freeze.ts';

test('freezes a value recursively', () => {
  const value = deepFreeze({ a: [{ b: 1 }], c: null, d: 'text' });

  expect(value).toEqual({ a: [{ b: 1 }], c: null, d: 'text' });
  expect(() => Object.assign(value, { a: 1 })).toThrow(TypeError);
  expect(() => value.a.push({ b: 2 })).toThrow(TypeError);
  expect(() => Object.assign(value.a[0] ?? {}, { b: 2 })).toThrow(TypeError);
});
