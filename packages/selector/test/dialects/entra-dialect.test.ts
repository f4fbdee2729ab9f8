import { expect, test } from 'vitest';
import { entraDialect } from '../../src/dialects/entra-dialect.ts';

const resource = 'api://orders.example.com';

test.each([
  ['names its permissions', 'openid read write', resource, `openid ${resource}/read ${resource}/write`],
  ['has the URI already', `openid ${resource}/read`, resource, `openid ${resource}/read`],
  ['has it without a resource', `openid ${resource}/read`, undefined, `openid ${resource}/read`],
  ['names no permission', 'openid offline_access', resource, `openid offline_access ${resource}/.default`],
  ['is empty', '', resource, `${resource}/.default`],
  ['says .default', '.default', resource, `${resource}/.default`],
  ['has an API whose URI ends in a slash', 'read', 'https://orders.example.com/', 'https://orders.example.com//read'],
  ['has a permission with slashes', 'orders/read', resource, `${resource}/orders/read`],
  [
    'names an application id',
    '11111111-2222-3333-4444-555555555555/.default',
    undefined,
    '11111111-2222-3333-4444-555555555555/.default',
  ],
  ['has an API by URN', 'urn:orders/read', undefined, 'urn:orders/read'],
])('a scope that %s', (_, scope, api, sent) => {
  const side = { scope, ...(api !== undefined && { resource: api }) };
  expect(entraDialect.problems(side)).toEqual([]);
  expect(entraDialect.parameters(side)).toEqual({ scope: sent });
});

test.each([
  ['means Microsoft Graph', { scope: 'openid orders.read' }, ['scope']],
  ['has a value that Entra does not support', { scope: 'openid phone' }, ['scope']],
  ['names no API', { scope: 'openid profile' }, ['resource']],
  ['is empty, without a resource', { scope: '' }, ['resource']],
  ['names two APIs', { scope: 'api://orders/read api://billing/read' }, ['scope']],
  ['names another API than the resource', { scope: 'https://graph.microsoft.com/User.Read', resource }, ['scope']],
  ['combines .default with another permission', { scope: '.default read', resource }, ['scope']],
  ['names an API and no permission of it', { scope: 'api://orders' }, ['scope']],
  ['names the resource and no permission of it', { scope: resource, resource }, ['scope']],
])('a side is rejected that %s', (_, side, paths) => {
  expect(entraDialect.problems(side).map(({ path }) => path)).toEqual(paths);
});

test('two APIs and a permission combined with .default are two problems', () => {
  expect(entraDialect.problems({ scope: 'api://orders/.default api://billing/read' })).toHaveLength(2);
});

test('one API on both sides is a problem, unless the issuers differ', () => {
  const legacy = { scope: 'read', resource, issuer: 'https://login.microsoftonline.com/a/v2.0' };
  const target = { ...legacy, scope: `${resource}/write` };
  expect(entraDialect.pairProblems(legacy, target)).toMatchObject([{ path: 'target.scope' }]);
  expect(entraDialect.pairProblems(legacy, { ...target, issuer: 'https://other' })).toEqual([]);
  expect(
    entraDialect.pairProblems(legacy, { ...legacy, scope: 'api://billing/read', resource: 'api://billing' }),
  ).toEqual([]);
});
