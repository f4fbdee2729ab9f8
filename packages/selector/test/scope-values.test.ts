import { expect, test } from 'vitest';
import { scopeValues } from '../src/scope-values.ts';

test('a scope is its values, and an empty one has none', () => {
  expect(scopeValues('openid orders:read')).toEqual(['openid', 'orders:read']);
  expect(scopeValues('')).toEqual([]);
});
