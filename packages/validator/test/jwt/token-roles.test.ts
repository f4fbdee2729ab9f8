import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTokenRoles } from '../../src/jwt/token-roles.ts';

const REALM = ['realm_access', 'roles'];
const everywhere = {
  roles: ['standard'],
  'cognito:groups': ['group'],
  realm_access: { roles: ['realm'] },
  resource_access: { 'orders.api': { roles: ['client'] } },
  'https://example.com/roles': ['namespaced'],
  'realm_access.roles': ['dotted'],
};

describe('without a claim of its own', () => {
  test.each([
    ['roles', { roles: ['a', 'b'] }, ['a', 'b']],
    ['one role as text', { roles: 'a' }, ['a']],
    ['each role once', { roles: ['a', 'b', 'a'] }, ['a', 'b']],
    ['Cognito groups where there are no roles', { 'cognito:groups': ['a'] }, ['a']],
    ['roles, and nothing beside them', everywhere, ['standard']],
    ['an empty list as none, whatever stands beside it', { ...everywhere, roles: [] }, []],
    ['another shape as none, whatever stands beside it', { ...everywhere, roles: { admin: true } }, []],
    ['null as none, whatever stands beside it', { ...everywhere, roles: null }, []],
    ['a list with something else in it as none', { roles: ['a', 1] }, []],
    ['no realm roles', { realm_access: { roles: ['a'] } }, []],
    ['nothing as none', {}, []],
  ])('reads %s', (_, claims, roles) => {
    expect(readTokenRoles(claims)).toEqual(roles);
  });
});

describe('with a claim of its own', () => {
  test.each([
    [['roles'], ['standard']],
    [['cognito:groups'], ['group']],
    [['https://example.com/roles'], ['namespaced']],
    [REALM, ['realm']],
    [['resource_access', 'orders.api', 'roles'], ['client']],
    [['realm_access.roles'], ['dotted']],
    [['groups'], []],
    [['realm_access'], []],
    [['realm_access', 'roles', '0'], []],
    [['realm_access', 'roles', 'length'], []],
    [['roles', 'roles'], []],
    [['constructor', 'name'], []],
    [['__proto__'], []],
  ])('reads %j, and nothing beside it', (path, roles) => {
    expect(readTokenRoles(everywhere, path)).toEqual(roles);
  });

  test.each([[{ realm_access: null }], [{ realm_access: 'roles' }], [{ realm_access: [] }], [{}]])(
    'finds none in %j',
    (claims) => {
      expect(readTokenRoles(claims, REALM)).toEqual([]);
    },
  );
});

test('whatever the claims are: a role is one that its claim names', () => {
  const claims = fc.dictionary(fc.constantFrom('roles', 'cognito:groups', 'realm_access', 'x'), fc.jsonValue(), {
    noNullPrototype: true,
  });
  const path = fc.option(fc.constantFrom(['x'], REALM, ['roles']), { nil: undefined });
  fc.assert(
    fc.property(claims, path, (said, named) => {
      for (const role of readTokenRoles(said, named)) expect(JSON.stringify(said)).toContain(JSON.stringify(role));
    }),
    { numRuns: 500 },
  );
});

test('can be changed by nobody', () => {
  expect(() => (readTokenRoles(everywhere) as string[]).push('admin')).toThrow(TypeError);
});
