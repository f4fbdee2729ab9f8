import type { ClaimRule } from '@crossfade/core';
import { describe, expect, test } from 'vitest';
import { sideVerdict } from '../../src/policy/side-verdict.ts';
import { factsOf, sideOf } from '../facts.ts';

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
