import { UnavailableError } from '@crossfade/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readCompactJws } from '../../src/jwt/compact-jws.ts';
import { openIssuerKeys } from '../../src/keys/open-issuer-keys.ts';
import { signatureFlaw, verifySignature } from '../../src/keys/verify-signature.ts';
import { createSigningKey, type SigningKey, sign, startIssuer, type TestIssuer } from '../issuer.ts';

const [known, newer, sameKid] = await Promise.all([
  createSigningKey({ kid: 'known' }),
  createSigningKey({ kid: 'newer' }),
  createSigningKey({ kid: 'known' }),
]);
const ALGORITHMS = new Set(['ES256']);

let issuer: TestIssuer;

beforeEach(async () => {
  issuer = await startIssuer(known);
});
afterEach(() => issuer.close());

async function jwsBy(key: SigningKey) {
  const jws = readCompactJws(await sign({ iss: issuer.url }, key));
  if (typeof jws === 'string') throw new Error(jws);
  return jws;
}

const keysOf = () => openIssuerKeys(issuer.url, issuer.jwksUrl, Date.now);

describe('verifySignature', () => {
  test('returns the key set that verifies, fetched or in memory', async () => {
    const [jws, keys] = [await jwsBy(known), keysOf()];

    const keySet = await verifySignature(jws, keys, ALGORITHMS);
    expect(keySet).toBe(await keys.current());
    expect(await verifySignature(jws, keys, ALGORITHMS)).toBe(keySet);
    expect(issuer.requests).toEqual(['/jwks']);
  });

  test('refetches once for an unknown key', async () => {
    const keys = keysOf();
    await keys.current();
    issuer.publish(known, newer);

    expect(await verifySignature(await jwsBy(newer), keys, ALGORITHMS)).toBe(await keys.current());
    expect(issuer.requests).toHaveLength(2);
  });

  test('reports unknown_key if the refetched keys are the same', async () => {
    expect(await verifySignature(await jwsBy(newer), keysOf(), ALGORITHMS)).toBe('unknown_key');
    expect(issuer.requests).toHaveLength(2);
  });

  test('does not refetch when the key with that kid did not sign', async () => {
    expect(await verifySignature(await jwsBy(sameKid), keysOf(), ALGORITHMS)).toBe('bad_signature');
    expect(issuer.requests).toHaveLength(1);
  });

  test('refetches for a bad signature without kid, because nothing else shows a new key', async () => {
    const [jws, keys] = [{ ...(await jwsBy(newer)), keyId: undefined }, keysOf()];

    expect(await verifySignature(jws, keys, ALGORITHMS)).toBe('bad_signature');
    expect(issuer.requests).toHaveLength(2);
    issuer.publish(newer);
    expect(await verifySignature(jws, keys, ALGORITHMS)).toBe(await keys.current());
  });

  test('fetches nothing for an algorithm that the side does not accept', async () => {
    expect(await verifySignature(await jwsBy(known), keysOf(), new Set(['RS256']))).toBe('unsupported_algorithm');
    expect(issuer.requests).toEqual([]);
  });

  test('throws UnavailableError during an outage, instead of blaming the token', async () => {
    issuer.responses.set('/jwks', { status: 500 });

    await expect(verifySignature(await jwsBy(known), keysOf(), ALGORITHMS)).rejects.toThrow(UnavailableError);
  });
});

test('a token changed after signing has a bad signature', async () => {
  const [jws, keySet] = [await jwsBy(known), await keysOf().current()];
  const [header, payload, signature] = jws.token.split('.');

  expect(await signatureFlaw(jws, keySet)).toBeUndefined();
  for (const token of [
    `${header}.${payload}A.${signature}`,
    `${header}A.${payload}.${signature}`,
    `${header}.${payload}.`,
    `${header}.${payload}.${'A'.repeat(86)}`,
  ]) {
    expect(await signatureFlaw({ ...jws, token }, keySet)).toBe('bad_signature');
  }
});
