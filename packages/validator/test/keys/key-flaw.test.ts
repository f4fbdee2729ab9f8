import { generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { keyFlaw } from '../../src/keys/key-flaw.ts';
import { createRsaNumbers, toBase64url } from '../weak-rsa.ts';

function publicJwk(type: string, options: object = {}): JsonWebKey {
  const generate = generateKeyPairSync as (type: string, options: object) => { readonly publicKey: KeyObject };
  return generate(type, options).publicKey.export({ format: 'jwk' });
}

const rsa = publicJwk('rsa', { modulusLength: 2048 });
const p256 = publicJwk('ec', { namedCurve: 'P-256' });
const p384 = publicJwk('ec', { namedCurve: 'P-384' });
const ed25519 = publicJwk('ed25519');

describe('a key without a flaw', () => {
  test.each<[string, object]>([
    ['RSA', rsa],
    ['RSA for one algorithm', { ...rsa, alg: 'PS384', use: 'sig', kid: 'a', key_ops: ['verify'] }],
    ['P-256', { ...p256, alg: 'ES256' }],
    ['P-384', p384],
    ['P-521', publicJwk('ec', { namedCurve: 'P-521' })],
    ['Ed25519', { ...ed25519, alg: 'EdDSA' }],
    ['Ed25519 by its name', { ...ed25519, alg: 'Ed25519' }],
    ['RSA with members that we do not know, and a certificate', { ...rsa, x5c: ['AA=='], x5t: 'AA', ext: true }],
  ])('%s', (_, jwk) => expect(keyFlaw(jwk)).toBeUndefined());
});

describe('a key with a flaw', () => {
  const { y, ...withoutY } = p256;

  test.each<[string, unknown, string]>([
    ['nothing', null, 'unsupported key type or curve'],
    ['text', 'key', 'unsupported key type or curve'],
    ['no kty', {}, 'unsupported key type or curve'],
    ['an unknown kty', { kty: 'AKP', pub: 'AQ', alg: 'ML-DSA-44' }, 'unsupported key type or curve'],
    ['a symmetric key', { kty: 'oct', k: 'c2VjcmV0' }, 'private or symmetric key'],
    ['a private key', { ...rsa, d: 'AQ' }, 'private or symmetric key'],
    ['a factor of the modulus', { ...rsa, p: 'AQ' }, 'private or symmetric key'],
    ['an encryption key', { ...rsa, use: 'enc' }, 'use is not sig'],
    ['a use that is no text', { ...rsa, use: ['sig'] }, 'use is not sig'],
    ['operations of a private key', { ...rsa, key_ops: ['sign'] }, 'key_ops without verify'],
    ['no operations', { ...rsa, key_ops: [] }, 'key_ops without verify'],
    ['operations that are no list', { ...rsa, key_ops: 'verify' }, 'key_ops without verify'],
    ['a kid that is no text', { ...rsa, kid: 1 }, 'kid is not a string'],
    ['an algorithm of encryption', { ...rsa, alg: 'RSA-OAEP-256' }, 'alg does not fit the key'],
    ['an HMAC', { ...rsa, alg: 'HS256' }, 'alg does not fit the key'],
    ['the algorithm of another curve', { ...p384, alg: 'ES256' }, 'alg does not fit the key'],
    ['an algorithm that is no text', { ...p256, alg: ['ES256'] }, 'alg does not fit the key'],
    ['X25519, which signs nothing', publicJwk('x25519'), 'unsupported key type or curve'],
    ['Ed448', publicJwk('ed448'), 'unsupported key type or curve'],
    ['secp256k1', publicJwk('ec', { namedCurve: 'secp256k1' }), 'unsupported key type or curve'],
    ['the curve of one type in another', { ...p256, kty: 'OKP' }, 'unsupported key type or curve'],
    ['a point beside its curve', { ...p256, y: p256.x }, 'invalid key material'],
    ['half a point', withoutY, 'invalid key material'],
    ['the point of another curve', { ...p384, crv: 'P-256' }, 'invalid key material'],
    ['an Ed25519 key that is too short', { ...ed25519, x: 'AAAA' }, 'invalid key material'],
    ['RSA without a modulus', { kty: 'RSA', e: 'AQAB' }, 'invalid key material'],
    ['RSA without an exponent', { ...rsa, e: undefined }, 'invalid key material'],
    ['RSA of numbers', { ...rsa, e: 65_537 }, 'invalid key material'],
    ['RSA with exponent 1', { ...rsa, e: 'AQ' }, 'RSA exponent 1'],
    ['RSA of 1024 bits', publicJwk('rsa', { modulusLength: 1024 }), 'RSA modulus under 2048 bits'],
    [
      'RSA with an even modulus',
      { ...rsa, n: toBase64url(createRsaNumbers().n - 1n) },
      'RSA modulus with a small factor',
    ],
  ])('%s', (_, jwk, flaw) => expect(keyFlaw(jwk)).toBe(flaw));
});
