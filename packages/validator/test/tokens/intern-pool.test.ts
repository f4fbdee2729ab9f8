import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TokenFacts } from '../../src/jwt/token-facts.ts';
import { openIssuerKeys } from '../../src/keys/open-issuer-keys.ts';
import type { Standing } from '../../src/policy/policy-evaluation.ts';
import { createSharedValues } from '../../src/tokens/intern-pool.ts';
import type { RememberedToken, Voucher } from '../../src/tokens/verified-token.ts';
import { factsOf, ISSUER } from '../facts.ts';
import { createSigningKey } from '../issuer.ts';

const standing: Standing = {
  audience: 'legacy',
  legacy: 'passed',
  target: 'wrong_audience',
  roles: { legacy: ['admin'], target: ['admin'] },
};

async function newVoucher(): Promise<Voucher> {
  const keys = openIssuerKeys(ISSUER, { keys: [(await createSigningKey()).publicJwk] }, Date.now);
  return { keys, keySet: await keys.current() };
}

const voucher = await newVoucher();

/** As two tokens bring them: equal, and apart. */
function remember(
  share: ReturnType<typeof createSharedValues>,
  facts: Partial<TokenFacts>,
  text = 'token',
  vouched = voucher,
): RememberedToken {
  const presented = { text, start: text.lastIndexOf(' ') + 1, scheme: 'Bearer' } as const;
  return share(presented, { ...vouched, facts: factsOf(structuredClone(facts)) }, structuredClone(standing));
}

describe('shared values', () => {
  test('are one where they are equal', () => {
    const share = createSharedValues();
    const facts = { scope: ['read', 'write'], claims: { scope: 'read write', groups: ['a', 'b'] } };
    const one = remember(share, { ...facts, subject: 'u1' });
    const other = remember(share, { ...facts, subject: 'u2' });

    expect(one.group).toBe(other.group);
    expect(one.claims['groups']).toBe(other.claims['groups']);
    expect([one.subject, other.subject]).toEqual(['u1', 'u2']);
  });

  test('stay apart where they only look alike', () => {
    const share = createSharedValues();
    const claims = [['a', 'b'], ['a,b'], ['a\nb'], '["a","b"]', 'a b', ['a', ['b']], { 0: 'a', 1: 'b' }, 1, '1', null];

    for (const claim of [...claims, ...claims])
      expect(remember(share, { claims: { claim } }).claims).toEqual({ claim });
  });

  test('are no group of tokens that came, or are vouched for, otherwise', async () => {
    const share = createSharedValues();
    const one = remember(share, {}, 'Bearer token');
    expect(one.group).toMatchObject({ start: 7, scheme: 'Bearer' });
    expect(remember(share, {}, 'Bearer other').group).toBe(one.group);
    expect(remember(share, {}, 'Bearer  token').group).toMatchObject({ start: 8, scheme: 'Bearer' });
    expect(remember(share, {}, 'token').group).toMatchObject({ start: 0, scheme: undefined });

    const renewed = await newVoucher();
    expect(remember(share, {}, 'Bearer token', renewed).group).toMatchObject(renewed);
  });

  test('can be changed by nobody', () => {
    const claims = { groups: ['a'], deep: { x: [1] } };
    const known = remember(createSharedValues(), { scope: ['read'], claims });

    expect(() => (known.group.scope as string[]).push('admin')).toThrow(TypeError);
    expect(() => (known.claims['groups'] as string[]).push('admin')).toThrow(TypeError);
    expect(() => Object.assign(known, { subject: 'admin' })).toThrow(TypeError);
    expect(() => Object.assign(known.group, { scheme: 'DPoP' })).toThrow(TypeError);
    expect(() => Object.assign(known.group.standing, { legacy: 'passed' })).toThrow(TypeError);
    expect(() => Object.assign(known.claims, { sub: 'admin' })).toThrow(TypeError);
    expect(() => Object.assign(known.claims['deep'] as object, { x: 2 })).toThrow(TypeError);
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
        const known = remember(share, { claims: said, scope, subject });
        expect(known).toMatchObject({ subject, group: { scope, standing } });
        expect(known.claims).toEqual(said);
      }),
      { numRuns: 2000 },
    );
  });
});
