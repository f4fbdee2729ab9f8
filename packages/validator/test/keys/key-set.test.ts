import { beforeAll, describe, expect, test } from 'vitest';
import { describeFlaws, examineKeySet, readKeySet, reportKeySet } from '../../src/keys/key-set.ts';
import { createSigningKey, type SigningKey } from '../issuer.ts';

let rsa: SigningKey;
let ec: SigningKey;

beforeAll(async () => {
  [rsa, ec] = await Promise.all([createSigningKey({ kid: 'a', alg: 'RS256' }), createSigningKey({ kid: 'a' })]);
});

describe('readKeySet', () => {
  test.each([
    ['nothing', undefined],
    ['text', '<html>'],
    ['no keys', {}],
    ['an empty list', { keys: [] }],
    ['a list of nonsense', { keys: [null, 'key', {}, { kty: 'RSA' }] }],
  ])('rejects %s', (_, json) => {
    expect(readKeySet(json)).toBeUndefined();
  });

  test('finds a key by algorithm and kid', async () => {
    const keySet = readKeySet({ keys: [rsa.publicJwk, ec.publicJwk] });

    expect(await keySet?.keysFor('RS256', 'a')).toMatchObject([{ asymmetricKeyType: 'rsa', type: 'public' }]);
    expect(await keySet?.keysFor('ES256', 'a')).toMatchObject([{ asymmetricKeyType: 'ec', type: 'public' }]);
    expect(await keySet?.keysFor('ES256', 'b')).toEqual([]);
    expect(await keySet?.keysFor('HS256', 'a')).toEqual([]);
    expect(await keySet?.keysFor('none', undefined)).toEqual([]);
  });

  test('returns a found key without a promise from the second time on', async () => {
    const keySet = readKeySet({ keys: [rsa.publicJwk, ec.publicJwk] });
    const found = await keySet?.keysFor('RS256', undefined);

    expect(found).toHaveLength(1);
    expect(keySet?.keysFor('RS256', undefined)).toBe(found);
  });

  test('finds all keys that match', async () => {
    const other = await createSigningKey({ kid: 'a' });
    const keySet = readKeySet({ keys: [ec.publicJwk, other.publicJwk, { ...other.publicJwk, x: 'AAAA', y: 'AAAA' }] });

    expect(await keySet?.keysFor('ES256', 'a')).toHaveLength(2);
  });

  test.each([
    ['an encryption key', (jwk: object) => ({ ...jwk, use: 'enc' })],
    ['a private key', (jwk: object) => ({ ...jwk, d: 'AQ' })],
    ['a key with exponent 1', (jwk: object) => ({ ...jwk, e: 'AQ' })],
    ['a symmetric key', () => ({ kty: 'oct', k: 'c2VjcmV0', kid: 'a' })],
    ['an unknown key type', () => ({ kty: 'AKP', pub: 'AQ', alg: 'ML-DSA-44' })],
  ])('leaves out %s, and keeps the others', async (_, change) => {
    expect(readKeySet({ keys: [change(rsa.publicJwk)] })).toBeUndefined();
    const keySet = readKeySet({ keys: [change(rsa.publicJwk), ec.publicJwk] });
    expect(keySet?.jwks.keys).toEqual([ec.publicJwk]);
  });
});

describe('examineKeySet', () => {
  test('says why it leaves keys out, in their order', () => {
    const content = examineKeySet({ keys: [{ ...rsa.publicJwk, use: 'enc' }, ec.publicJwk, null] });

    expect(content?.keySet?.jwks.keys).toEqual([ec.publicJwk]);
    expect(content?.flaws).toEqual(['use is not sig', 'unsupported key type or curve']);
    expect(describeFlaws([...(content?.flaws ?? []), 'use is not sig'])).toBe(
      'use is not sig, unsupported key type or curve',
    );
  });

  test('tells a set without keys from what is no key set', () => {
    expect(examineKeySet({ keys: [] })).toEqual({ keySet: undefined, flaws: [] });
    expect(examineKeySet([])).toBeUndefined();
    expect(examineKeySet({ keys: {} })).toBeUndefined();
  });
});

test('reportKeySet names the usable keys, and why the others are not', () => {
  const { kid, ...unnamed } = ec.publicJwk;

  expect(reportKeySet({ keys: [rsa.publicJwk, { ...rsa.publicJwk, e: 'AQ' }, unnamed] })).toEqual({
    usable: ['a', undefined],
    flaws: ['RSA exponent 1'],
  });
  expect(reportKeySet('<html>')).toEqual({ usable: [], flaws: [] });
});
