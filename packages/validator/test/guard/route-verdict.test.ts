import type { AcceptedJudgement } from '@crossfade/core';
import { describe, expect, test } from 'vitest';
import { DEFAULT_RULES } from '../../src/guard/route-rules.ts';
import { checkRouteRules, isHidden } from '../../src/guard/route-verdict.ts';

const token: AcceptedJudgement = {
  outcome: 'accepted',
  audience: 'legacy',
  afterClose: 'rejected',
  subject: 'u',
  clientId: 'c',
  scope: ['openid', 'read'],
  roles: [],
  issuedAt: 1,
  expiresAt: 2,
  claims: {},
};
const validator = {
  openSides: () =>
    [
      { side: 'target', issuer: 'i', requiredScope: ['orders'] },
      { side: 'legacy', issuer: 'i', requiredScope: ['openid'] },
    ] as const,
};

describe('checkRouteRules', () => {
  test('returns a token that has what the route demands', () => {
    expect(checkRouteRules(token, { ...DEFAULT_RULES, scope: ['read'] }, validator)).toBe(token);
  });

  test.each([
    ['legacy', ['openid', 'write']],
    ['target', ['orders', 'write']],
    ['bridge', ['orders', 'write']],
  ] as const)('names all the scope that a %s token needs', (audience, scope) => {
    const verdict = checkRouteRules({ ...token, audience }, { ...DEFAULT_RULES, scope: ['write'] }, validator);

    expect(verdict).toEqual({ outcome: 'rejected', audience, reason: 'insufficient_scope', scope });
  });

  test('rejects a legacy token with legacy_closed before it looks at scope', () => {
    const rules = { ...DEFAULT_RULES, audience: 'target', scope: ['write'] } as const;

    expect(checkRouteRules(token, rules, validator)).toMatchObject({ reason: 'legacy_closed' });
    expect(checkRouteRules({ ...token, audience: 'bridge' }, rules, validator)).toMatchObject({
      reason: 'legacy_closed',
    });
    const migrated = { ...token, audience: 'target', afterClose: 'accepted' } as const;
    expect(checkRouteRules(migrated, rules, validator)).toMatchObject({ reason: 'insufficient_scope' });
  });
});

test('a rejection by the route keeps what a meter needs to know of the token, out of sight of logs', () => {
  const verdict = checkRouteRules(token, { ...DEFAULT_RULES, scope: ['write'] }, validator);

  expect(verdict).toHaveProperty('token', {
    clientId: 'c',
    issuedAt: 1,
    expiresAt: 2,
    expired: false,
    afterClose: 'rejected',
  });
  expect(Object.keys(verdict)).not.toContain('token');
});

describe('isHidden', () => {
  const rules = { ...DEFAULT_RULES, feature: 'dash', role: ['tester'] };

  test('asks for access with the roles of the token', () => {
    const features = { hasAccess: (request: object) => JSON.stringify(request).includes('"roles":["tester"]') };

    expect(isHidden(rules, features, ['tester'])).toBe(false);
    expect(isHidden(rules, features, [])).toBe(true);
  });

  test('shows a route to a token with any of its roles', () => {
    const features = {
      hasAccess: ({ roles, role }: { roles: readonly string[]; role?: string | undefined }) =>
        role !== undefined && roles.includes(role),
    };
    const several = { ...rules, role: ['tester', 'support'] };

    expect(isHidden(several, features, ['support'])).toBe(false);
    expect(isHidden(several, features, ['tester', 'other'])).toBe(false);
    expect(isHidden(several, features, ['tester,support'])).toBe(true);
    expect(isHidden({ ...rules, role: [] }, features, ['tester'])).toBe(true);
  });

  test('asks once for public access when the route names no role', () => {
    const asked: unknown[] = [];
    const hasAccess = ({ role }: { role?: string | undefined }) => asked.push(role) > 0;

    expect(isHidden({ ...rules, role: [] }, { hasAccess }, ['tester'])).toBe(false);
    expect(asked).toEqual([undefined]);
  });

  test('hides a route unless hasAccess returns true', () => {
    const features = { hasAccess: () => 'yes' as unknown as boolean };

    expect(isHidden(rules, features, [])).toBe(true);
    expect(isHidden(rules, undefined, [])).toBe(true);
    expect(isHidden(DEFAULT_RULES, undefined, [])).toBe(false);
  });
});
