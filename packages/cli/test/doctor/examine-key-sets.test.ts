import { parsePlan } from '@crossfade/core';
import { describe, expect, it } from 'vitest';
import { examineKeySets } from '../../src/doctor/examine-key-sets.ts';
import { publicKey } from '../fixture/issuer.ts';
import { PLAN } from '../fixture/workplace.ts';

function examine(sets: readonly (readonly object[])[], algorithms?: readonly string[]) {
  const target = { ...PLAN.target, ...(algorithms !== undefined && { algorithms }) };
  const issuers = sets.map((keys, index) => ({ name: `issuer ${index}`, keys: { keys } }));
  return examineKeySets(issuers, parsePlan({ ...PLAN, target })).map(
    ({ check, verdict, detail }) => `${check} ${verdict}: ${detail}`,
  );
}

describe('examineKeySets', () => {
  it('passes keys that each have a kid of their own, and one key that two issuers share', () => {
    const shared = publicKey('shared');
    expect(examine([[publicKey('one'), shared], [shared]])).toEqual([
      'key_ids pass: each kid names one key, among 3 keys',
    ]);
  });

  it('warns of one kid for different keys of two issuers', () => {
    expect(examine([[publicKey('one')], [publicKey('one')]])).toEqual([
      'key_ids warn: issuer 0 and issuer 1 publish different keys with one kid',
    ]);
  });

  it('warns of one kid for different keys of one issuer', () => {
    expect(examine([[publicKey('one'), publicKey('one')]])).toEqual([
      'key_ids warn: issuer 0 publishes 2 different keys with one kid',
    ]);
  });

  it('warns of an algorithm that no key signs with', () => {
    expect(examine([[publicKey('one')]], ['ES256', 'RS256'])).toContain(
      'algorithms warn: target.algorithms allows RS256, and no published key signs with it',
    );
    expect(examine([[publicKey('one')]], ['ES256'])).toContain(
      'algorithms pass: target: the issuer has a key for each of ES256',
    );
    expect(examine([[{ ...publicKey('one'), alg: 'ES384' }]], ['ES256']).join()).toContain('allows ES256');
  });

  it('finds nothing where no key could be read', () => {
    expect(examineKeySets([{ name: 'a' }, { name: 'b', keys: 'none' }], parsePlan(PLAN))).toEqual([]);
  });
});
