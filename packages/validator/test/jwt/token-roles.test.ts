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

describe('without a configured claim', () => {
  test.each([
    ['roles', { roles: ['a', 'b'] }, ['a', 'b']],
    ['one role as text', { roles: 'a' }, ['a']],
    ['each role once', { roles: ['a', 'b', 'a'] }, ['a', 'b']],
    ['Cognito groups without a roles claim', { 'cognito:groups': ['a'] }, ['a']],
    ['roles, and no other claim', everywhere, ['standard']],
    ['an empty list as none, despite other claims', { ...everywhere, roles: [] }, []],
    ['another shape as none, despite other claims', { ...everywhere, roles: { admin: true } }, []],
    ['null as none, despite other claims', { ...everywhere, roles: null }, []],
    ['a list that holds a number as none', { roles: ['a', 1] }, []],
    ['no realm roles', { realm_access: { roles: ['a'] } }, []],
    ['nothing as none', {}, []],
  ])('reads %s', (_, claims, roles) => {
    expect(readTokenRoles(claims)).toEqual(roles);
  });
});

describe('with a configured claim', () => {
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
  ])('reads %j, and no other claim', (path, roles) => {
    expect(readTokenRoles(everywhere, path)).toEqual(roles);
  });

  test.each([[{ realm_access: null }], [{ realm_access: 'roles' }], [{ realm_access: [] }], [{}]])(
    'finds none in %j',
    (claims) => {
      expect(readTokenRoles(claims, REALM)).toEqual([]);
    },
  );
});

test('returns only roles that the claims contain', () => {
  const claims = fc.dictionary(fc.constantFrom('roles', 'cognito:groups', 'realm_access', 'x'), fc.jsonValue(), {
    noNullPrototype: true,
  });
  const path = fc.option(fc.constantFrom(['x'], REALM, ['roles']), { nil: undefined });
  fc.assert(
    fc.property(claims, path, (anyClaims, anyPath) => {
      for (const role of readTokenRoles(anyClaims, anyPath))
        expect(JSON.stringify(anyClaims)).toContain(JSON.stringify(role));
    }),
    { numRuns: 500 },
  );
});

test('returns a frozen list', () => {
  expect(() => (readTokenRoles(everywhere) as string[]).push('admin')).toThrow(TypeError);
});
