import type { Acceptance, Judgement } from '@crossfade/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TokenFacts } from '../../src/jwt/token-facts.ts';
import { type Circumstances, decide as decideGrouped, type Rules } from '../../src/policy/decide.ts';
import { evaluatePolicy } from '../../src/policy/policy-evaluation.ts';
import { factsOf, NOW_SECONDS, sideOf } from '../facts.ts';

const TARGET = 'https://api.example.com/orders';
const both = new Set(['default-api', TARGET]);
const rules: Rules = {
  legacy: sideOf({ toleratedAudiences: both }),
  target: sideOf({ audience: TARGET, toleratedAudiences: both }),
  clientIds: new Set(['web-app']),
  clientsAreKnown: true,
  clockToleranceSeconds: 5,
};
const prepare: Rules = { ...rules, legacy: sideOf(), target: undefined };

function on(acceptance: Acceptance, scope: readonly string[] = []) {
  return { acceptance, nowSeconds: NOW_SECONDS, scope, possessionFlaw: undefined };
}

function decide(facts: TokenFacts, ruled: Rules, circumstances: Circumstances): Judgement {
  return decideGrouped(facts, { ...facts, evaluation: evaluatePolicy(facts, ruled) }, ruled, circumstances);
}

/** `accepted/accepted` is outcome and shadow verdict; anything else is a rejection reason. */
function verdict(judgement: Judgement): string {
  return judgement.outcome === 'accepted' ? `accepted/${judgement.afterClose}` : judgement.reason;
}

describe('decide, by phase and class', () => {
  const audiences = {
    legacy: ['default-api'],
    target: [TARGET],
    bridge: ['default-api', TARGET],
    foreign: ['other-api'],
  };
  test.each([
    ['prepare', prepare, 'both', 'legacy', 'accepted/rejected'],
    ['prepare', prepare, 'both', 'target', 'wrong_audience'],
    ['prepare', prepare, 'both', 'bridge', 'foreign_audience'],
    ['prepare', prepare, 'both', 'foreign', 'wrong_audience'],
    ['prepare, with flags ahead of it', prepare, 'target', 'legacy', 'accepted/rejected'],
    ['expand, migrate, drain', rules, 'both', 'legacy', 'accepted/rejected'],
    ['expand, migrate, drain', rules, 'both', 'target', 'accepted/accepted'],
    ['expand, migrate, drain', rules, 'both', 'bridge', 'accepted/accepted'],
    ['expand, migrate, drain', rules, 'both', 'foreign', 'wrong_audience'],
    ['contract', rules, 'target', 'legacy', 'legacy_closed'],
    ['contract', rules, 'target', 'target', 'accepted/accepted'],
    ['contract', rules, 'target', 'bridge', 'accepted/accepted'],
    ['contract', rules, 'target', 'foreign', 'wrong_audience'],
  ] as const)('%s: a token', (_phase, ruled, acceptance, audience, expected) => {
    const judgement = decide(factsOf({ audiences: audiences[audience] }), ruled, on(acceptance));

    expect(verdict(judgement)).toBe(expected);
    if (ruled === rules) expect(judgement.audience).toBe(audience);
  });
});

describe('decide, by time', () => {
  test.each([
    ['expired longer ago than clocks differ', { expiresAt: NOW_SECONDS - 5 }, 'expired'],
    ['expired just now', { expiresAt: NOW_SECONDS - 4.9 }, 'accepted/rejected'],
    ['long gone', { expiresAt: -1 }, 'expired'],
    ['not valid yet', { notBefore: NOW_SECONDS + 6 }, 'not_yet_valid'],
    ['about to be valid', { notBefore: NOW_SECONDS + 5 }, 'accepted/rejected'],
    ['issued in the future', { issuedAt: NOW_SECONDS + 86_400 }, 'accepted/rejected'],
    ['issued and valid in the future', { issuedAt: 0, notBefore: NOW_SECONDS + 6 }, 'not_yet_valid'],
    ['of an unknown age', { issuedAt: undefined }, 'accepted/rejected'],
  ])('judges a token %s', (_, facts, expected) => {
    expect(verdict(decide(factsOf(facts), rules, on('both')))).toBe(expected);
  });

  test('rejects an expired legacy token as expired, closed or not', () => {
    const facts = factsOf({ expiresAt: NOW_SECONDS - 60 });

    expect(decide(facts, rules, on('both'))).toEqual(decide(facts, rules, on('target')));
  });
});

test('decide rejects a token whose sender does not prove possession of its key, on either side', () => {
  for (const audiences of [['default-api'], [TARGET]]) {
    for (const possessionFlaw of ['proof_required', 'proof_invalid'] as const) {
      const circumstances = { ...on('both'), possessionFlaw };
      expect(verdict(decide(factsOf({ audiences }), rules, circumstances))).toBe(possessionFlaw);
    }
  }
});

describe('the class of a rejected token', () => {
  test.each([
    ['an ID token', { claims: { nonce: 'n' } }, 'id_token'],
    ['a logout token', { type: 'logout+jwt' }, 'wrong_type'],
    ['an expired token', { expiresAt: 0 }, 'expired'],
  ])('is that of its verified audience: %s', (_, facts, reason) => {
    const judgement = decide(factsOf(facts), rules, on('both'));

    expect(judgement).toEqual({ outcome: 'rejected', audience: 'legacy', reason });
  });

  test('is foreign for an ID token of a client', () => {
    const judgement = decide(factsOf({ audiences: ['web-app'] }), rules, on('both'));

    expect(judgement).toEqual({ outcome: 'rejected', audience: 'foreign', reason: 'id_token' });
  });
});

describe('decide, by policy', () => {
  test('names all the scope that would have been enough', () => {
    const ruled = { ...rules, target: sideOf({ ...rules.target, requiredScope: ['a', 'b'] }) };

    expect(decide(factsOf({ audiences: [TARGET], scope: ['a'] }), ruled, on('both', ['b', 'c']))).toEqual({
      outcome: 'rejected',
      audience: 'target',
      reason: 'insufficient_scope',
      scope: ['a', 'b', 'c'],
    });
  });

  test('accepts a bridge token by the legacy side while the target side rejects it, until the close', () => {
    const ruled = { ...rules, target: sideOf({ ...rules.target, requiredScope: ['orders'] }) };
    const bridge = factsOf({ audiences: [TARGET, 'default-api'] });

    expect(verdict(decide(bridge, ruled, on('both')))).toBe('accepted/rejected');
    expect(verdict(decide(bridge, ruled, on('target')))).toBe('insufficient_scope');
  });

  test('accepts a bridge token by the target side while the legacy side rejects it', () => {
    const ruled = { ...rules, legacy: sideOf({ ...rules.legacy, allowedClients: new Set(['other']) }) };

    expect(verdict(decide(factsOf({ audiences: [TARGET, 'default-api'] }), ruled, on('both')))).toBe(
      'accepted/accepted',
    );
  });

  test('rejects a token of a closed side that only lacks scope with legacy_closed, because only a new token helps', () => {
    expect(verdict(decide(factsOf(), rules, on('both', ['a'])))).toBe('insufficient_scope');
    expect(verdict(decide(factsOf(), rules, on('target', ['a'])))).toBe('legacy_closed');
  });

  test('keeps the reason of a token that the closed side would reject anyway', () => {
    const ruled = { ...rules, legacy: sideOf({ ...rules.legacy, allowedClients: new Set(['other']) }) };

    expect(verdict(decide(factsOf(), ruled, on('target')))).toBe('client_not_allowed');
  });
});

test('decide returns the roles of the side that accepts a token, and of the target side when both do', () => {
  const ruled: Rules = {
    ...rules,
    legacy: sideOf({ ...rules.legacy, rolesClaim: ['groups'] }),
    target: sideOf({ ...rules.target, rolesClaim: ['roles'] }),
  };
  const claims = { groups: ['l'], roles: ['t'] };
  const rolesOf = (audiences: readonly string[], acceptance: Acceptance) =>
    decide(factsOf({ audiences, claims }), ruled, on(acceptance));

  expect(rolesOf(['default-api'], 'both')).toMatchObject({ roles: ['l'] });
  expect(rolesOf([TARGET], 'both')).toMatchObject({ roles: ['t'] });
  expect(rolesOf(['default-api', TARGET], 'both')).toMatchObject({ roles: ['t'] });
  expect(rolesOf(['default-api', TARGET], 'target')).toMatchObject({ roles: ['t'] });
});

describe('for any facts and rules', () => {
  const facts = fc.record({
    audiences: fc.shuffledSubarray(['default-api', TARGET, 'other-api', 'web-app']),
    scope: fc.subarray(['a', 'b']),
    type: fc.constantFrom('jwt', 'at+jwt', undefined, 'logout+jwt'),
    expiresAt: fc.integer({ min: NOW_SECONDS - 10, max: NOW_SECONDS + 10 }),
  });
  const policy = fc.record({
    requiredScope: fc.subarray(['a']),
    toleratedAudiences: fc.constantFrom(both, 'any' as const),
  });

  function ruledBy(legacy: object, target: object): Rules {
    return { ...rules, legacy: { ...rules.legacy, ...legacy }, target: { ...sideOf({ audience: TARGET }), ...target } };
  }

  test('the shadow verdict is the verdict after the close', () => {
    fc.assert(
      fc.property(facts, policy, policy, (token, legacy, target) => {
        const ruled = ruledBy(legacy, target);
        const open = decide(factsOf(token), ruled, on('both'));
        const closed = decide(factsOf(token), ruled, on('target'));
        if (open.outcome === 'accepted') expect(open.afterClose).toBe(closed.outcome);
        else expect(closed.outcome).toBe('rejected');
      }),
      { numRuns: 2000 },
    );
  });

  test('the order of audiences makes no difference', () => {
    fc.assert(
      fc.property(facts, policy, policy, fc.constantFrom('both', 'target'), (token, legacy, target, acceptance) => {
        const ruled = ruledBy(legacy, target);
        const turned = { ...token, audiences: token.audiences.toReversed() };
        expect(decide(factsOf(turned), ruled, on(acceptance))).toEqual(decide(factsOf(token), ruled, on(acceptance)));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a rejected token that was verified', () => {
  const facts = { clientId: 'web-app', issuedAt: NOW_SECONDS - 60, expiresAt: NOW_SECONDS + 60 };

  function rejection(more: Partial<TokenFacts>, acceptance: Acceptance = 'both', scope: readonly string[] = []) {
    const judgement = decide(factsOf({ ...facts, ...more }), rules, on(acceptance, scope));
    if (judgement.outcome !== 'rejected') throw new Error('the token was accepted');
    return judgement;
  }

  test('tells the meter whose it is, how long it lives, and that only legacy would have taken it', () => {
    const judgement = rejection({}, 'target');

    expect(judgement.reason).toBe('legacy_closed');
    expect(judgement.token).toEqual({ ...facts, expired: false, afterClose: 'rejected' });
  });

  test('is expired even where something else is the reason', () => {
    const judgement = rejection({ type: 'secevent+jwt', expiresAt: NOW_SECONDS - 60 });

    expect(judgement.reason).toBe('wrong_type');
    expect(judgement.token?.expired).toBe(true);
  });

  test('survives the close if its target side passes it, and only the request lacks something', () => {
    const judgement = rejection({ audiences: ['default-api', TARGET] }, 'both', ['orders:write']);

    expect(judgement).toEqual({
      outcome: 'rejected',
      audience: 'bridge',
      reason: 'insufficient_scope',
      scope: ['orders:write'],
    });
    expect(judgement.token?.afterClose).toBe('accepted');
  });

  test('is in no log and in no copy', () => {
    const judgement = rejection({}, 'target');

    expect(JSON.stringify(judgement)).not.toContain('web-app');
    expect({ ...judgement }.token).toBeUndefined();
  });
});
