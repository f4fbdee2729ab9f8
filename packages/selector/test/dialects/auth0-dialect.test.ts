import { expect, test } from 'vitest';
import { auth0Dialect } from '../../src/dialects/auth0-dialect.ts';

const side = { scope: 'openid orders:read', audience: 'https://api.example.com/orders' };

test('the audience of the side is the identifier of the API', () => {
  expect(auth0Dialect.parameters(side)).toEqual(side);
  expect(auth0Dialect.problems(side)).toEqual([]);
});

test.each([undefined, ''])('an audience of %j is a problem: Auth0 would issue an opaque token', (audience) => {
  expect(auth0Dialect.problems({ scope: 'openid', ...(audience !== undefined && { audience }) })).toMatchObject([
    { path: 'audience' },
  ]);
});

test('a resource is never sent, and is a problem if it differs from the audience', () => {
  const agreeing = { ...side, resource: side.audience };
  expect(auth0Dialect.problems(agreeing)).toEqual([]);
  expect(auth0Dialect.parameters(agreeing)).toEqual(side);
  expect(auth0Dialect.problems({ ...side, resource: 'urn:other' })).toMatchObject([{ path: 'resource' }]);
});

test('one API on both sides is a problem, whatever the scopes', () => {
  expect(auth0Dialect.pairProblems({ ...side, scope: 'openid' }, side)).toMatchObject([{ path: 'target.audience' }]);
  expect(auth0Dialect.pairProblems({ ...side, audience: 'default-api' }, side)).toEqual([]);
  expect(auth0Dialect.pairProblems({ ...side, issuer: 'https://a' }, { ...side, issuer: 'https://b' })).toEqual([]);
});
