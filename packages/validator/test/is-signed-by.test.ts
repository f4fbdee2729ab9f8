import { expect, test } from 'vitest';
import { isSignedBy } from '../src/is-signed-by.ts';
import { type KeySet, readKeySet } from '../src/key-set.ts';
import { SIGNATURE_ALGORITHMS } from '../src/signature-algorithm.ts';
import { createSigningKey, sign } from './issuer.ts';

test.each(SIGNATURE_ALGORITHMS)('with %s, a key vouches for what it signed and for nothing else', async (alg) => {
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

function keysOf(publicJwk: object, alg: string) {
  return (readKeySet({ keys: [publicJwk] }) as KeySet).keysFor(alg, undefined);
}
