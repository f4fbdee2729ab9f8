import { expect, test } from 'vitest';
import { DIALECTS } from '../../src/dialects/dialect.ts';
import { dialectRules, requestParameters } from '../../src/dialects/dialect-rules.ts';

test.each(DIALECTS)('the dialect %s sends a scope, and only strings', (dialect) => {
  const side = { scope: 'openid api://orders/read', audience: 'https://api.example.com/orders' };
  const parameters = dialectRules(dialect).parameters(side);
  expect(parameters['scope']).toBe(side.scope);
  expect(Object.values(parameters).every((value) => typeof value === 'string')).toBe(true);
});

test('without a dialect a side is requested by scope, and by resource if it has one', () => {
  const { parameters, problems, pairProblems } = dialectRules(undefined);
  const side = { scope: 'openid', resource: 'urn:orders', audience: 'never sent' };
  expect(parameters(side)).toEqual({ scope: 'openid', resource: 'urn:orders' });
  expect([problems(side), pairProblems(side, side)]).toEqual([[], []]);
});

test('keycloak sends the scope and rejects a resource', () => {
  const { parameters, problems } = dialectRules('keycloak');
  expect(parameters({ scope: 'openid orders', audience: 'never sent' })).toEqual({ scope: 'openid orders' });
  expect(problems({ scope: 'openid', resource: 'urn:orders' })).toMatchObject([{ path: 'resource' }]);
});

test('request parameters ask by scope, and by resource if the side has one', () => {
  expect(requestParameters({ scope: 'openid' })).toEqual({ scope: 'openid' });
  expect(requestParameters({ scope: 'openid', resource: 'urn:orders' })).toEqual({
    scope: 'openid',
    resource: 'urn:orders',
  });
});

test('an empty scope is left out, so that the default of the provider applies', () => {
  expect(requestParameters({ scope: '' })).toEqual({});
});

test('a dialect decides the parameters', () => {
  expect(requestParameters({ scope: 'read', resource: 'api://orders' }, 'entra')).toEqual({
    scope: 'api://orders/read',
  });
});
