import { constants, sign as cryptoSign, generateKeyPairSync } from 'node:crypto';
import { SIGNATURE_ALGORITHMS } from '@crossfade/core';
import { expect, test } from 'vitest';
import { isSignedBy } from '../../src/keys/is-signed-by.ts';
import { type KeySet, readKeySet } from '../../src/keys/key-set.ts';
import { createSigningKey, sign } from '../issuer.ts';

test.each(SIGNATURE_ALGORITHMS)('with %s, a key verifies what it signed and nothing else', async (alg) => {
  const [mine, other] = await Promise.all([createSigningKey({ alg }), createSigningKey({ alg })]);
  const [[myKey], [otherKey]] = await Promise.all([keysOf(mine.publicJwk, alg), keysOf(other.publicJwk, alg)]);
  if (myKey === undefined || otherKey === undefined) throw new Error('no key');
  const token = await sign({ sub: 'u1' }, mine);
  const dot = token.lastIndexOf('.');
  const [signed, signature] = [Buffer.from(token.slice(0, dot)), Buffer.from(token.slice(dot + 1), 'base64url')];

  expect(await isSignedBy(myKey, alg, signed, signature)).toBe(true);
  expect(await isSignedBy(otherKey, alg, signed, signature)).toBe(false);
  expect(await isSignedBy(myKey, alg, Buffer.concat([signed, signed]), signature)).toBe(false);
  expect(await isSignedBy(myKey, alg, signed, signature.subarray(1))).toBe(false);
  expect(await isSignedBy(myKey, alg, signed, Buffer.alloc(0))).toBe(false);
  expect(await isSignedBy(myKey, alg, signed, Buffer.alloc(signature.length))).toBe(false);
  expect(await isSignedBy(myKey, 'HS256', signed, signature)).toBe(false);
  if (alg.startsWith('PS')) expect(await isSignedBy(myKey, `RS${alg.slice(2)}`, signed, signature)).toBe(false);
});

test.each(['RS256', 'PS256'])(
  'with %s, a signature must be as long as its key, even if it begins with zeros',
  async (alg) => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const padding = alg === 'PS256' ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
    const signatureOf = (text: string) =>
      cryptoSign('sha256', Buffer.from(text), { key: privateKey, padding, saltLength: 32 });
    let [count, signature] = [0, signatureOf('0')];
    while (signature[0] !== 0) {
      count += 1;
      signature = signatureOf(`${count}`);
    }
    const signed = Buffer.from(`${count}`);
    expect(await isSignedBy(publicKey, alg, signed, signature)).toBe(true);
    expect(await isSignedBy(publicKey, alg, signed, signature.subarray(1))).toBe(false);
    expect(await isSignedBy(publicKey, alg, signed, Buffer.concat([Buffer.alloc(1), signature]))).toBe(false);
  },
);

function keysOf(publicJwk: object, alg: string) {
  return (readKeySet({ keys: [publicJwk] }) as KeySet).keysFor(alg, undefined);
}
