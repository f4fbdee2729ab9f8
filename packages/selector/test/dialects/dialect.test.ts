import { expect, test } from 'vitest';
import { scopeValues } from '../../src/dialects/dialect.ts';

test('a scope is split into its values, and an empty one has none', () => {
  expect(scopeValues('openid orders:read')).toEqual(['openid', 'orders:read']);
  expect(scopeValues('')).toEqual([]);
});
