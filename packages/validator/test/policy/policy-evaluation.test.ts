import { describe, expect, test } from 'vitest';
import { standingOf } from '../../src/policy/policy-evaluation.ts';
import type { Policy } from '../../src/policy/side-settings.ts';
import { factsOf, sideOf } from '../facts.ts';

const TARGET = 'https://api.example.com/orders';
const policy: Policy = {
  legacy: sideOf({ requiredScope: ['read'] }),
  target: sideOf({ audience: TARGET, typ: 'at+jwt' }),
  clientIds: new Set(['web-app']),
};

describe('a standing', () => {
  test('holds what each side says, and that a side is not addressed', () => {
    const roles = { legacy: [], target: [] };

    expect(standingOf(factsOf(), policy)).toEqual({
      audience: 'legacy',
      legacy: 'insufficient_scope',
      target: 'wrong_audience',
      roles,
    });
    expect(standingOf(factsOf({ audiences: [TARGET], type: 'at+jwt' }), policy)).toEqual({
      audience: 'target',
      legacy: 'wrong_audience',
      target: 'passed',
      roles,
    });
  });

  test('holds the roles as each side names them', () => {
    const named = { ...policy, legacy: sideOf({ rolesClaim: ['groups'] }) };
    const facts = factsOf({ claims: { groups: ['a'], roles: ['b'] } });

    expect(standingOf(facts, named)).toMatchObject({ roles: { legacy: ['a'], target: ['b'] } });
  });

  test.each([
    ['an ID token', { audiences: ['web-app'] }, { audience: 'foreign', flaw: 'id_token' }],
    ['no access token', { type: 'logout+jwt' }, { audience: 'legacy', flaw: 'wrong_type' }],
    ['for nobody here', { audiences: ['other'] }, { audience: 'foreign', flaw: 'wrong_audience' }],
  ])('says of a token that is %s what nothing can mend', (_, facts, standing) => {
    expect(standingOf(factsOf(facts), policy)).toEqual(standing);
  });
});
