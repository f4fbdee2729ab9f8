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
