import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deepFreeze } from '../src/deep-freeze.ts';
import { createSharedValues } from '../src/shared-values.ts';
import type { Standing } from '../src/standing.ts';
import type { TokenFacts } from '../src/token-facts.ts';
import { factsOf } from './facts.ts';

const standing: Standing = {
  audience: 'legacy',
  legacy: 'passed',
  target: 'wrong_audience',
  roles: { legacy: ['admin'], target: ['admin'] },
};

/** As two tokens bring them: equal, and apart. */
function known(facts: Partial<TokenFacts>) {
  return deepFreeze({ facts: factsOf(structuredClone(facts)), standing: { ...standing } });
}

describe('shared values', () => {
  test('are one where they are equal', () => {
    const share = createSharedValues();
    const facts = { scope: ['read', 'write'], roles: ['admin'], claims: { scope: 'read write', groups: ['a', 'b'] } };
    const [one, other] = [share(known({ ...facts, subject: 'u1' })), share(known({ ...facts, subject: 'u2' }))];

    expect(one.facts.scope).toBe(other.facts.scope);
    expect(one.facts.roles).toBe(other.facts.roles);
    expect(one.facts.claims['groups']).toBe(other.facts.claims['groups']);
    expect(one.standing).toBe(other.standing);
    expect([one.facts.subject, other.facts.subject]).toEqual(['u1', 'u2']);
  });

  test('stay apart where they only look alike', () => {
    const share = createSharedValues();
    const claims = [['a', 'b'], ['a,b'], ['a\nb'], '["a","b"]', 'a b', ['a', ['b']], { 0: 'a', 1: 'b' }, 1, '1', null];

    for (const claim of [...claims, ...claims])
      expect(share(known({ claims: { claim } })).facts.claims).toEqual({ claim });
  });

  test('can be changed by nobody', () => {
    const { facts } = createSharedValues()(known({ scope: ['read'], claims: { groups: ['a'], deep: { x: [1] } } }));

    expect(() => (facts.scope as string[]).push('admin')).toThrow(TypeError);
    expect(() => (facts.claims['groups'] as string[]).push('admin')).toThrow(TypeError);
    expect(() => Object.assign(facts, { subject: 'admin' })).toThrow(TypeError);
    expect(() => Object.assign(facts.claims, { sub: 'admin' })).toThrow(TypeError);
    expect(() => Object.assign(facts.claims['deep'] as object, { x: 2 })).toThrow(TypeError);
  });

  test('say what they said before, whatever came in between', () => {
    const share = createSharedValues();
    const claims = fc.dictionary(
      fc.string().filter((name) => name !== '__proto__'),
      fc.oneof(fc.string(), fc.string({ minLength: 500, maxLength: 600 }), fc.array(fc.string()), fc.jsonValue()),
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(claims, fc.array(fc.string()), fc.string(), (said, scope, subject) => {
        const before = known({ claims: said, scope, subject });
        expect(share(before)).toEqual(before);
      }),
      { numRuns: 2000 },
    );
  });
});
