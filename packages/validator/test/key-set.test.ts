import { beforeAll, describe, expect, test } from 'vitest';
import { readKeySet } from '../src/key-set.ts';
import { createSigningKey, type SigningKey } from './issuer.ts';

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
  ])('refuses %s', (_, json) => {
    expect(readKeySet(json)).toBeUndefined();
  });

  test('finds a key by algorithm and kid', async () => {
    const keySet = readKeySet({ keys: [rsa.publicJwk, ec.publicJwk] });

    expect(await keySet?.({ alg: 'RS256', kid: 'a' })).toMatchObject({ algorithm: { name: 'RSASSA-PKCS1-v1_5' } });
    expect(await keySet?.({ alg: 'ES256', kid: 'a' })).toMatchObject({ algorithm: { name: 'ECDSA' } });
    await expect(keySet?.({ alg: 'ES256', kid: 'b' })).rejects.toThrow('no applicable key');
  });

  test.each([
    ['an encryption key', (jwk: object) => ({ ...jwk, use: 'enc' })],
    ['a private key', (jwk: object) => ({ ...jwk, d: 'AQ' })],
    ['a key whose kid is no text', (jwk: object) => ({ ...jwk, kid: 1 })],
    ['a symmetric key', () => ({ kty: 'oct', k: 'c2VjcmV0', kid: 'a' })],
    ['an RSA key of 1024 bits', (jwk: object) => ({ ...jwk, n: 'x'.repeat(171) })],
    ['a key type of the future', () => ({ kty: 'AKP', pub: 'AQ', alg: 'ML-DSA-44' })],
  ])('leaves out %s, and keeps the others', async (_, spoil) => {
    expect(readKeySet({ keys: [spoil(rsa.publicJwk)] })).toBeUndefined();
    const keySet = readKeySet({ keys: [spoil(rsa.publicJwk), ec.publicJwk] });
    expect(keySet?.jwks().keys).toEqual([ec.publicJwk]);
  });
});
