import { expect, test } from 'vitest';
import { scopeDialect } from '../../src/dialects/scope-dialect.ts';

test('only the scope is sent, and an empty one is left out', () => {
  expect(scopeDialect.parameters({ scope: 'openid orders:read', audience: 'orders' })).toEqual({
    scope: 'openid orders:read',
  });
  expect(scopeDialect.parameters({ scope: '' })).toEqual({});
});

test('a resource is rejected rather than dropped', () => {
  expect(scopeDialect.problems({ scope: 'openid', resource: 'urn:orders' })).toEqual([
    { path: 'resource', message: 'is not sent in this dialect, where the scope chooses the audience: leave it out' },
  ]);
});
