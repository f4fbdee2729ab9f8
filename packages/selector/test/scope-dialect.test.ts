import { expect, test } from 'vitest';
import { scopeDialect } from '../src/scope-dialect.ts';

test('the scope is all that is sent, and an empty one is left to the provider', () => {
  expect(scopeDialect.parameters({ scope: 'openid orders:read', audience: 'orders' })).toEqual({
    scope: 'openid orders:read',
  });
  expect(scopeDialect.parameters({ scope: '' })).toEqual({});
});

test('a resource is refused rather than dropped', () => {
  expect(scopeDialect.problems({ scope: 'openid', resource: 'urn:orders' })).toEqual([
    { path: 'resource', message: 'is not sent in this dialect, in which the scope chooses the audience' },
  ]);
});
