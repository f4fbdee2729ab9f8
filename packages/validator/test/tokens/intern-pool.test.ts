import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TokenFacts } from '../../src/jwt/token-facts.ts';
import { openIssuerKeys } from '../../src/keys/open-issuer-keys.ts';
import type { PolicyEvaluation } from '../../src/policy/policy-evaluation.ts';
import { createInternPool } from '../../src/tokens/intern-pool.ts';
import type { RememberedToken, VerifyingKeys } from '../../src/tokens/verified-token.ts';
import { factsOf, ISSUER } from '../facts.ts';
import { createSigningKey } from '../issuer.ts';

const evaluation: PolicyEvaluation = {
  audience: 'legacy',
  legacy: 'passed',
  target: 'wrong_audience',
  roles: { legacy: ['admin'], target: ['admin'] },
};

async function newKeys(): Promise<VerifyingKeys> {
  const keys = openIssuerKeys(ISSUER, { keys: [(await createSigningKey()).publicJwk] }, Date.now);
  return { keys, keySet: await keys.current() };
}

const ownKeys = await newKeys();

/** Equal but separate values, as two tokens bring them. */
function remember(
  intern: ReturnType<typeof createInternPool>,
  facts: Partial<TokenFacts>,
  text = 'token',
  verifiedBy = ownKeys,
): RememberedToken {
  const presented = { text, start: text.lastIndexOf(' ') + 1, scheme: 'Bearer' } as const;
  return intern(presented, { ...verifiedBy, facts: factsOf(structuredClone(facts)) }, structuredClone(evaluation));
}

describe('interned values', () => {
  test('are one value where they are equal', () => {
    const intern = createInternPool();
    const facts = { scope: ['read', 'write'], claims: { scope: 'read write', groups: ['a', 'b'] } };
    const one = remember(intern, { ...facts, subject: 'u1' });
    const other = remember(intern, { ...facts, subject: 'u2' });

    expect(one.shared).toBe(other.shared);
    expect(one.claims['groups']).toBe(other.claims['groups']);
    expect([one.subject, other.subject]).toEqual(['u1', 'u2']);
  });

  test('stay separate where they only look alike', () => {
    const intern = createInternPool();
    const claims = [['a', 'b'], ['a,b'], ['a\nb'], '["a","b"]', 'a b', ['a', ['b']], { 0: 'a', 1: 'b' }, 1, '1', null];

    for (const claim of [...claims, ...claims])
      expect(remember(intern, { claims: { claim } }).claims).toEqual({ claim });
  });

  test('are not shared by tokens that came in another form or were verified by other keys', async () => {
    const intern = createInternPool();
    const one = remember(intern, {}, 'Bearer token');
    expect(one.shared).toMatchObject({ start: 7, scheme: 'Bearer' });
    expect(remember(intern, {}, 'Bearer other').shared).toBe(one.shared);
    expect(remember(intern, {}, 'Bearer  token').shared).toMatchObject({ start: 8, scheme: 'Bearer' });
    expect(remember(intern, {}, 'token').shared).toMatchObject({ start: 0, scheme: undefined });

    const renewed = await newKeys();
    expect(remember(intern, {}, 'Bearer token', renewed).shared).toMatchObject(renewed);
  });

  test('are frozen', () => {
    const claims = { groups: ['a'], deep: { x: [1] } };
    const known = remember(createInternPool(), { scope: ['read'], claims });

    expect(() => (known.shared.scope as string[]).push('admin')).toThrow(TypeError);
    expect(() => (known.claims['groups'] as string[]).push('admin')).toThrow(TypeError);
    expect(() => Object.assign(known, { subject: 'admin' })).toThrow(TypeError);
    expect(() => Object.assign(known.shared, { scheme: 'DPoP' })).toThrow(TypeError);
    expect(() => Object.assign(known.shared.evaluation, { legacy: 'passed' })).toThrow(TypeError);
    expect(() => Object.assign(known.claims, { sub: 'admin' })).toThrow(TypeError);
    expect(() => Object.assign(known.claims['deep'] as object, { x: 2 })).toThrow(TypeError);
  });

  test('keep their value, whatever came in between', () => {
    const intern = createInternPool();
    const claims = fc.dictionary(
      fc.string().filter((name) => name !== '__proto__'),
      fc.oneof(fc.string(), fc.string({ minLength: 500, maxLength: 600 }), fc.array(fc.string()), fc.jsonValue()),
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(claims, fc.array(fc.string()), fc.string(), (said, scope, subject) => {
        const known = remember(intern, { claims: said, scope, subject });
        expect(known).toMatchObject({ subject, shared: { scope, evaluation } });
        expect(known.claims).toEqual(said);
      }),
      { numRuns: 2000 },
    );
  });
});
