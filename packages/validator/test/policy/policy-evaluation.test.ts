import { describe, expect, test } from 'vitest';
import { evaluatePolicy } from '../../src/policy/policy-evaluation.ts';
import type { Policy } from '../../src/policy/side-settings.ts';
import { factsOf, sideOf } from '../facts.ts';

const TARGET = 'https://api.example.com/orders';
const policy: Policy = {
  legacy: sideOf({ requiredScope: ['read'] }),
  target: sideOf({ audience: TARGET, typ: 'at+jwt' }),
  clientIds: new Set(['web-app']),
  clientsAreKnown: true,
};

describe('evaluatePolicy', () => {
  test('returns the verdict of each side, and wrong_audience for a side that is not addressed', () => {
    const roles = { legacy: [], target: [] };

    expect(evaluatePolicy(factsOf(), policy)).toEqual({
      audience: 'legacy',
      legacy: 'insufficient_scope',
      target: 'wrong_audience',
      roles,
    });
    expect(evaluatePolicy(factsOf({ audiences: [TARGET], type: 'at+jwt' }), policy)).toEqual({
      audience: 'target',
      legacy: 'wrong_audience',
      target: 'passed',
      roles,
    });
  });

  test('returns the roles that each side reads', () => {
    const named = { ...policy, legacy: sideOf({ rolesClaim: ['groups'] }) };
    const facts = factsOf({ claims: { groups: ['a'], roles: ['b'] } });

    expect(evaluatePolicy(facts, named)).toMatchObject({ roles: { legacy: ['a'], target: ['b'] } });
  });

  test.each([
    ['an ID token', { audiences: ['web-app'] }, { audience: 'foreign', flaw: 'id_token' }],
    ['no access token', { type: 'logout+jwt' }, { audience: 'legacy', flaw: 'wrong_type' }],
    ['for another audience', { audiences: ['other'] }, { audience: 'foreign', flaw: 'wrong_audience' }],
  ])('returns the flaw of a token that is %s', (_, facts, evaluation) => {
    expect(evaluatePolicy(factsOf(facts), policy)).toEqual(evaluation);
  });
});
