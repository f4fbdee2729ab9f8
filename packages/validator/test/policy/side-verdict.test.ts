import type { ClaimRule } from '@crossfade/core';
import { describe, expect, test } from 'vitest';
import type { TokenFacts } from '../../src/jwt/token-facts.ts';
import type { SideSettings } from '../../src/policy/side-settings.ts';
import { sideVerdict as judgeSide } from '../../src/policy/side-verdict.ts';
import { factsOf, ISSUER, sideOf } from '../facts.ts';

const clients = { clientIds: new Set(['web-app']), clientsAreKnown: true };
const sideVerdict = (facts: TokenFacts, side: SideSettings) => judgeSide(facts, side, clients);

const withoutAudience = { ...sideOf(), identity: { issuer: ISSUER, withoutAudience: true } as const };

describe('sideVerdict', () => {
  test('passes a token of a side without a policy', () => {
    expect(sideVerdict(factsOf(), sideOf())).toBe('passed');
  });

  test('accepts only the algorithms of the side', () => {
    expect(sideVerdict(factsOf({ algorithm: 'PS256' }), sideOf())).toBe('unsupported_algorithm');
  });

  test.each([
    ['at+jwt', 'passed'],
    ['jwt', 'wrong_type'],
    [undefined, 'wrong_type'],
  ])('with typ at+jwt, judges type %s: %s', (type, verdict) => {
    expect(sideVerdict(factsOf({ type }), sideOf({ typ: 'at+jwt' }))).toBe(verdict);
  });

  test.each([
    [{ claims: { token_use: 'access' } }, 'passed'],
    [{ type: 'at+jwt' }, 'passed'],
    [{ scope: ['openid'] }, 'wrong_type'],
  ])('by client id, judges a token without audience and with %j: %s', (facts, verdict) => {
    const side = sideOf({ clientIds: ['web-app'] });

    expect(sideVerdict(factsOf({ audiences: [], ...facts }), side)).toBe(verdict);
  });

  test.each([
    ['the mark of an access token', { type: 'at+jwt', clientId: undefined }, 'passed'],
    ['a claim that declares its kind', { claims: { typ: 'Bearer' }, clientId: 'unlisted' }, 'passed'],
    ['a known client', {}, 'passed'],
    ['an unlisted client and scope', { clientId: 'unlisted', scope: ['read'] }, 'wrong_type'],
    ['neither mark nor client', { clientId: undefined, scope: ['read'] }, 'wrong_type'],
  ])('without audience, judges a token with %s: %s', (_, facts, verdict) => {
    expect(sideVerdict(factsOf({ audiences: [], ...facts }), withoutAudience)).toBe(verdict);
  });

  test.each([
    ['a client and scope', { clientId: 'unlisted', scope: ['read'] }, 'passed'],
    ['a client alone', { clientId: 'unlisted' }, 'wrong_type'],
    ['scope alone', { clientId: undefined, scope: ['read'] }, 'wrong_type'],
  ])('without audience, where clients are unknown, judges a token with %s: %s', (_, facts, verdict) => {
    const unknown = { clientIds: new Set<string>(), clientsAreKnown: false };

    expect(judgeSide(factsOf({ audiences: [], ...facts }), withoutAudience, unknown)).toBe(verdict);
  });

  test('takes a token without audience and mark where the side takes any audience', () => {
    const side = { ...withoutAudience, identity: { issuer: ISSUER, anyAudience: true } as const };

    expect(sideVerdict(factsOf({ audiences: [], clientId: undefined }), side)).toBe('passed');
  });

  test('accepts an opaque token only with introspection, and checks nothing that only a JWT has', () => {
    const facts = factsOf({ algorithm: undefined, type: undefined, claims: { aud: 'default-api' } });

    expect(sideVerdict(facts, sideOf())).toBe('wrong_type');
    expect(sideVerdict(facts, sideOf({ takesOpaque: true, typ: 'at+jwt' }))).toBe('passed');
  });

  test.each([
    [{ token_type: 'Bearer' }, 'passed'],
    [{ token_use: 'access_token' }, 'passed'],
    [{ aud: [], token_type: 'bearer' }, 'passed'],
    [{ token_type: 'refresh_token' }, 'wrong_type'],
    [{}, 'wrong_type'],
  ])('judges an opaque token without audience and with claims %j: %s', (claims, verdict) => {
    const facts = factsOf({ algorithm: undefined, type: undefined, claims });

    expect(sideVerdict(facts, sideOf({ takesOpaque: true }))).toBe(verdict);
  });

  test('judges an opaque token without audience by its client, too, where the side has none', () => {
    const opaque = { algorithm: undefined, type: undefined, audiences: [], scope: ['read'], claims: {} };
    const side = { ...withoutAudience, takesOpaque: true };

    expect(sideVerdict(factsOf(opaque), side)).toBe('passed');
    expect(sideVerdict(factsOf({ ...opaque, clientId: 'unlisted' }), side)).toBe('wrong_type');
    expect(sideVerdict(factsOf({ ...opaque, claims: { token_type: 'Bearer' }, clientId: 'unlisted' }), side)).toBe(
      'passed',
    );
  });

  test('tolerates an audience other than its own only if it is allowed', () => {
    const facts = factsOf({ audiences: ['default-api', 'billing'] });

    expect(sideVerdict(facts, sideOf())).toBe('foreign_audience');
    expect(sideVerdict(facts, sideOf({ toleratedAudiences: new Set(['default-api', 'billing']) }))).toBe('passed');
    expect(sideVerdict(facts, sideOf({ toleratedAudiences: 'any' }))).toBe('passed');
  });

  test.each([
    ['web-app', 'passed'],
    ['other', 'client_not_allowed'],
    [undefined, 'client_not_allowed'],
  ])('with a list of clients, judges client %s: %s', (clientId, verdict) => {
    expect(sideVerdict(factsOf({ clientId }), sideOf({ allowedClients: new Set(['web-app']) }))).toBe(verdict);
  });

  test.each<[string, ClaimRule, unknown, string]>([
    ['equal', 'a', 'a', 'passed'],
    ['not equal', 'a', 'b', 'claim_not_allowed'],
    ['absent', 'a', undefined, 'claim_not_allowed'],
    ['one of a list', ['a', 'b'], 'b', 'passed'],
    ['none of a list', ['a', 'b'], 'c', 'claim_not_allowed'],
    ['a list that contains it', 'a', ['b', 'a'], 'passed'],
    ['a list that does not', 'a', ['b'], 'claim_not_allowed'],
    ['an empty list', 'a', [], 'claim_not_allowed'],
    ['a number that only looks alike', '1', 1, 'claim_not_allowed'],
    ['a boolean', true, true, 'passed'],
    ['an object', 'a', { a: 'a' }, 'claim_not_allowed'],
  ])('judges a ruled claim that is %s', (_, rule, value, verdict) => {
    const claims = value === undefined ? {} : { tenant: value };

    expect(sideVerdict(factsOf({ claims }), sideOf({ claims: [['tenant', rule]] }))).toBe(verdict);
  });

  test('does not treat inherited properties as claims', () => {
    const claims = [['constructor', 'x']] as const;

    expect(sideVerdict(factsOf(), sideOf({ claims }))).toBe('claim_not_allowed');
  });

  test.each([
    [['a', 'b', 'c'], 'passed'],
    [['a'], 'insufficient_scope'],
    [['b'], 'insufficient_scope'],
    [['A', 'B'], 'insufficient_scope'],
    [[], 'insufficient_scope'],
  ])('when the side requires scope a and b, judges %j: %s', (scope, verdict) => {
    expect(sideVerdict(factsOf({ scope }), sideOf({ requiredScope: ['a', 'b'] }))).toBe(verdict);
  });

  test('checks scope last', () => {
    const side = sideOf({ requiredScope: ['a'], allowedClients: new Set(['other']) });

    expect(sideVerdict(factsOf(), side)).toBe('client_not_allowed');
  });
});
