import { expect, test } from 'vitest';
import { DIALECTS, dialectRules } from '../src/dialect.ts';

test.each(DIALECTS)('the dialect %s sends a scope, and nothing that is not a string', (dialect) => {
  const side = { scope: 'openid api://orders/read', audience: 'https://api.example.com/orders' };
  const parameters = dialectRules(dialect).parameters(side);
  expect(parameters['scope']).toBe(side.scope);
  expect(Object.values(parameters).every((value) => typeof value === 'string')).toBe(true);
});

test('without a dialect a side asks by scope, and by resource where it has one', () => {
  const { parameters, problems, pairProblems } = dialectRules(undefined);
  const side = { scope: 'openid', resource: 'urn:orders', audience: 'never sent' };
  expect(parameters(side)).toEqual({ scope: 'openid', resource: 'urn:orders' });
  expect([problems(side), pairProblems(side, side)]).toEqual([[], []]);
});

test('Keycloak is asked by scope, and refuses a resource, which it does not know', () => {
  const { parameters, problems } = dialectRules('keycloak');
  expect(parameters({ scope: 'openid orders', audience: 'never sent' })).toEqual({ scope: 'openid orders' });
  expect(problems({ scope: 'openid', resource: 'urn:orders' })).toMatchObject([{ path: 'resource' }]);
});
