import { generateKeyPairSync } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { describe, expect, test } from 'vitest';
import { createDpopKeys, type DpopKey, readDpopKey } from '../../src/dpop/dpop-keys.ts';
import { createDpopKey, privateJwk } from '../dpop.ts';

const key = await createDpopKey();

async function read(): Promise<DpopKey> {
  const dpopKey = await readDpopKey(key.jwk, key.thumbprint);
  if (typeof dpopKey === 'string') throw new Error(dpopKey);
  return dpopKey;
}

describe('readDpopKey', () => {
  test('computes the thumbprint of a key from its required members', async () => {
    expect((await read()).thumbprint).toBe(key.thumbprint);
    const named = { ...key.jwk, kid: 'a', use: 'sig' };
    expect(await readDpopKey(named, key.thumbprint)).toMatchObject({ thumbprint: key.thumbprint });
  });

  test('rejects a key that the token is not bound to', async () => {
    expect(await readDpopKey((await createDpopKey()).jwk, key.thumbprint)).toBe('wrong_key');
  });

  test.each(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'])('rejects a key with %s', async (member) => {
    expect(await readDpopKey({ ...key.jwk, [member]: '' }, key.thumbprint)).toBe('invalid');
  });

  test('rejects a private key and values that are not keys', async () => {
    expect(await readDpopKey(await privateJwk(key), key.thumbprint)).toBe('invalid');
    expect(await readDpopKey({ ...key.jwk, x: 'ä' }, key.thumbprint)).toBe('invalid');
    for (const value of [undefined, null, 'a', [], [key.jwk], {}, { kty: 'oct' }]) {
      expect(await readDpopKey(value, key.thumbprint)).toBe('invalid');
    }
  });

  const { n, e } = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' });
  test.each<[string, JWK]>([
    ['of a few bits', { kty: 'RSA', n: 'AQAB', e: 'AQAB' }],
    ['with exponent 1', { kty: 'RSA', n, e: 'AQ' } as JWK],
    ['with an even exponent', { kty: 'RSA', n, e: 'Ag' } as JWK],
    ['for encryption', { kty: 'RSA', n, e, use: 'enc' } as JWK],
    ['of a point beside its curve', { ...key.jwk, y: key.jwk.x } as JWK],
  ])('rejects a key %s, even if the token is bound to it', async (_, weak) => {
    expect(await readDpopKey(weak, await calculateJwkThumbprint(weak))).toBe('invalid');
  });
});

describe('createDpopKeys', () => {
  test('caches 1,024 keys, and evicts the oldest first', async () => {
    const keys = createDpopKeys();
    const dpopKey = await read();
    for (let count = 0; count <= 1024; count += 1) keys.remember(`header-${count}`, dpopKey);

    expect(keys.get('header-0')).toBeUndefined();
    expect(keys.get('header-1')).toBe(dpopKey);
    expect(keys.get('header-1024')).toBe(dpopKey);
  });
});
