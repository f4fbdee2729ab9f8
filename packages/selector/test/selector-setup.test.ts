import { ConfigError, parsePlan } from '@crossfade/core';
import { expect, test } from 'vitest';
import type { SelectorOptions } from '../src/selector.ts';
import { selectorSetup } from '../src/selector-setup.ts';

const issuance = () => ({ enabled: false, percent: 0, revision: null, sinceMs: null });
const sides = { legacy: { scope: 'openid' }, target: { scope: 'openid orders:read' } };

function planWith(sessionLifetime: string) {
  const issuer = 'https://idp.example.com';
  return parsePlan({
    version: 1,
    clients: [],
    migration: 'orders-2026',
    legacy: { issuer, audience: 'default-api', scope: 'openid', sessionLifetime },
    target: { issuer, audience: 'https://api.example.com', scope: 'openid orders:read' },
    flags: { source: 'file', path: './flags.json' },
  });
}

function problemsOf(options: unknown): Record<string, string> {
  try {
    selectorSetup(options as SelectorOptions);
  } catch (error) {
    if (error instanceof ConfigError)
      return Object.fromEntries(error.problems.map(({ path, message }) => [path, message]));
    throw error;
  }
  return {};
}

test('a plan provides both sides, and its migration is the salt', () => {
  const plan = planWith('30d');
  expect(selectorSetup({ plan, issuance })).toMatchObject({ sides: { legacy: plan.legacy }, salt: 'orders-2026' });
  expect(selectorSetup({ plan, issuance, salt: 'other' }).salt).toBe('other');
});

test('refreshes retarget by default if the plan states that no legacy session outlives its token', () => {
  expect(selectorSetup({ plan: planWith('30d'), issuance }).refresh).toBe('keep');
  expect(selectorSetup({ plan: planWith('0s'), issuance }).refresh).toBe('retarget');
  expect(selectorSetup({ plan: planWith('0s'), issuance, refresh: 'reauthenticate' }).refresh).toBe('reauthenticate');
  expect(selectorSetup({ ...sides, salt: 'm', issuance }).refresh).toBe('keep');
});

test('every problem is reported at once', () => {
  const options = { target: { scope: 'a  b', resource: '/orders' }, forced: { kiosk: 'blue' }, refresh: 'always' };
  expect(Object.keys(problemsOf(options))).toEqual([
    'legacy',
    'target.scope',
    'target.resource',
    'salt',
    'issuance',
    'forced.kiosk',
    'refresh',
  ]);
  expect(Object.keys(problemsOf({}))).toEqual(['legacy', 'target', 'salt', 'issuance']);
});

test('a plan and explicit sides cannot be combined', () => {
  expect(problemsOf({ plan: planWith('30d'), ...sides, issuance })).toEqual({
    plan: 'must not be combined with legacy or target: give the plan, or the two sides',
  });
});

test('two sides that ask for the same are a problem, unless their issuers differ', () => {
  const same = { legacy: { scope: 'openid' }, target: { scope: 'openid' }, salt: 'm', issuance };
  expect(Object.keys(problemsOf(same))).toEqual(['target']);
  const apart = {
    ...same,
    legacy: { ...same.legacy, issuer: 'https://a' },
    target: { ...same.target, issuer: 'https://b' },
  };
  expect(problemsOf(apart)).toEqual({});
});

test.each(['a"b', 'a\\b', ' a', 'a ', 'a\tb', 'ä', 7])('the scope %j is rejected', (scope) => {
  expect(Object.keys(problemsOf({ ...sides, legacy: { scope }, salt: 'm', issuance }))).toEqual(['legacy.scope']);
});

test.each(['/orders', 'https://a/#x', 'orders', 'https://a/ b'])('the resource %j is rejected', (resource) => {
  const options = { ...sides, target: { scope: 'openid', resource }, salt: 'm', issuance };
  expect(Object.keys(problemsOf(options))).toEqual(['target.resource']);
});

test('an unknown dialect is reported with every other problem', () => {
  expect(Object.keys(problemsOf({ ...sides, dialect: 'auth1', issuance }))).toEqual(['salt', 'dialect']);
});

test('Okta cannot retarget: a refresh token works at one authorization server only', () => {
  const two = {
    legacy: { ...sides.legacy, issuer: 'https://example.okta.com/oauth2/default' },
    target: { ...sides.target, issuer: 'https://example.okta.com/oauth2/orders' },
  };
  const options = { ...two, salt: 'm', issuance, dialect: 'okta' };
  expect(problemsOf(options)).toEqual({});
  expect(Object.keys(problemsOf({ ...options, refresh: 'retarget' }))).toEqual(['refresh']);
  const plan = planWith('0s');
  const { refresh } = selectorSetup({
    plan: { ...plan, target: { ...plan.target, issuer: 'https://b' } },
    issuance,
    dialect: 'okta',
  });
  expect(refresh).toBe('keep');
});

test('Keycloak cannot retarget: a refresh for a scope that the login lacks gives a token of neither side', () => {
  const options = { plan: planWith('0s'), issuance, dialect: 'keycloak' } as const;
  expect(selectorSetup(options).refresh).toBe('keep');
  expect(selectorSetup({ ...options, refresh: 'reauthenticate' }).refresh).toBe('reauthenticate');
  expect(problemsOf({ ...options, refresh: 'retarget' })).toEqual({
    refresh: expect.stringContaining('Keycloak drops the scope values that the login did not have'),
  });
});
