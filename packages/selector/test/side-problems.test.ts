import { parsePlan } from '@crossfade/core';
import { expect, test } from 'vitest';
import { DIALECTS } from '../src/dialects/dialect.ts';
import { sideProblems } from '../src/side-problems.ts';

const issuer = 'https://idp.example.com';
const legacy = { scope: 'openid', issuer };

test('each side is checked against its own rules, and both are reported', () => {
  const target = { scope: 'openid', resource: 'urn:orders' };
  expect(sideProblems({ scope: 'openid' }, target, 'auth0').map(({ path }) => path)).toEqual([
    'legacy.audience',
    'target.audience',
    'target.resource',
  ]);
  expect(sideProblems({ scope: 'a  b' }, target, 'auth0').map(({ path }) => path)).toEqual([
    'legacy.scope',
    'target.audience',
    'target.resource',
  ]);
});

test.each(DIALECTS.filter((dialect) => dialect !== 'okta'))(
  'parameters that are the same on both sides are no migration in the dialect %s',
  (dialect) => {
    const side = { scope: 'openid api://orders/read', audience: 'orders', issuer };
    expect(sideProblems(side, { ...side }, dialect)).toHaveLength(1);
  },
);

test.each(['scope', 'pingone', 'cognito', 'keycloak'] as const)(
  'in the dialect %s two scopes under two issuers may be the same',
  (dialect) => {
    expect(sideProblems(legacy, { ...legacy, issuer: 'https://other.example.com' }, dialect)).toEqual([]);
  },
);

test('the sides of a plan can be used unchanged', () => {
  const { legacy: from, target: to } = parsePlan({
    version: 1,
    clients: [],
    migration: 'orders-2026',
    legacy: { issuer, audience: 'default-api', scope: 'openid' },
    target: { issuer, audience: 'https://api.example.com/orders', scope: 'openid orders:read' },
    flags: { source: 'file', path: './flags.json' },
  });
  expect(sideProblems(from, to, 'auth0')).toEqual([]);
  expect(sideProblems(from, to, undefined)).toEqual([]);
});
