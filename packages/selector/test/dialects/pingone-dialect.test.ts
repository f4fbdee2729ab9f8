import { expect, test } from 'vitest';
import { pingoneDialect } from '../../src/dialects/pingone-dialect.ts';

test.each(['openid profile orders:read', 'openid p1:read:user', 'openid', ''])('the scope %j is sent', (scope) => {
  expect(pingoneDialect.problems({ scope })).toEqual([]);
  expect(pingoneDialect.parameters({ scope })).toEqual(scope === '' ? {} : { scope });
});

test("the PingOne API's own scopes cannot be combined with those of a custom resource", () => {
  expect(pingoneDialect.problems({ scope: 'openid p1:read:user orders:read' })).toMatchObject([{ path: 'scope' }]);
});

test('a resource and a mixed scope are two problems', () => {
  const side = { scope: 'p1:read:user orders:read', resource: 'urn:orders' };
  expect(pingoneDialect.problems(side).map(({ path }) => path)).toEqual(['resource', 'scope']);
});
