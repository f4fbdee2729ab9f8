import { expect, test } from 'vitest';
import { cognitoDialect } from '../../src/dialects/cognito-dialect.ts';

const resource = 'https://api.example.com/orders';

test('a scope that names its resource servers is sent unchanged', () => {
  const side = { scope: 'openid orders-api/read billing-api/read' };
  expect(cognitoDialect.problems(side)).toEqual([]);
  expect(cognitoDialect.parameters(side)).toEqual(side);
});

test('a resource binds the token, and prefixes values without a resource server', () => {
  const side = { scope: 'openid aws.cognito.signin.user.admin read', resource };
  expect(cognitoDialect.problems(side)).toEqual([]);
  expect(cognitoDialect.parameters(side)).toEqual({
    scope: `openid aws.cognito.signin.user.admin ${resource}/read`,
    resource,
  });
});

test.each([
  ['a value of no resource server', { scope: 'openid orders:read' }, 1],
  ['offline_access', { scope: 'openid offline_access' }, 1],
  ['offline_access, even with a resource', { scope: 'openid offline_access', resource }, 1],
  ['both', { scope: 'offline_access orders:read' }, 2],
])('a scope with %s is refused', (_, side, count) => {
  expect(cognitoDialect.problems(side).map(({ path }) => path)).toEqual(new Array(count).fill('scope'));
});
