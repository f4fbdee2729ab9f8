import { expect, test } from 'vitest';
import { requestParameters } from '../src/request-parameters.ts';

test('a side asks by scope, and by resource where it has one', () => {
  expect(requestParameters({ scope: 'openid' })).toEqual({ scope: 'openid' });
  expect(requestParameters({ scope: 'openid', resource: 'urn:orders' })).toEqual({
    scope: 'openid',
    resource: 'urn:orders',
  });
});

test('an empty scope is left out, so that the default of the provider holds', () => {
  expect(requestParameters({ scope: '' })).toEqual({});
});

test('a dialect decides the parameters', () => {
  expect(requestParameters({ scope: 'read', resource: 'api://orders' }, 'entra')).toEqual({
    scope: 'api://orders/read',
  });
});
