import { UnavailableError } from '@crossfade/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CompactJws, readCompactJws } from '../../src/jwt/compact-jws.ts';
import type { KeySet } from '../../src/keys/key-set.ts';
import { createKeySetFetcher } from '../../src/keys/key-set-fetcher.ts';
import { openIssuerKeys } from '../../src/keys/open-issuer-keys.ts';
import { remoteKeys } from '../../src/keys/remote-keys.ts';
import { signatureFlaw, verifySignature } from '../../src/keys/verify-signature.ts';
import { createSigningKey, type SigningKey, sign, startIssuer, type TestIssuer } from '../issuer.ts';

const [known, newer, sameKid] = await Promise.all([
  createSigningKey({ kid: 'known' }),
  createSigningKey({ kid: 'newer' }),
  createSigningKey({ kid: 'known' }),
]);
const ALGORITHMS = new Set(['ES256']);
const AGES = { refreshAfterMs: 600_000, maxAgeMs: 86_400_000 };

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

  test('refetches once for a key that was replaced under its kid', async () => {
    const keys = keysOf();
    const before = await verifySignature(await jwsBy(known), keys, ALGORITHMS);
    issuer.publish(sameKid);

    const after = await verifySignature(await jwsBy(sameKid), keys, ALGORITHMS);
    expect(after).toBe(await keys.current());
    expect(after).not.toBe(before);
    expect(keys.isCurrent(before as KeySet, Date.now())).toBe(false);
    expect(issuer.requests).toHaveLength(2);
  });

  test('reports bad_signature if the refetched keys are the same', async () => {
    const keys = keysOf();
    await keys.current();

    expect(await verifySignature(await jwsBy(sameKid), keys, ALGORITHMS)).toBe('bad_signature');
    expect(issuer.requests).toHaveLength(2);
  });

  test.each([
    ['with a kid', (jws: CompactJws) => jws],
    ['without a kid', (jws: CompactJws) => ({ ...jws, keyId: undefined })],
  ])('a bad signature %s stays one, whatever the issuer responds to the refetch', async (_, change) => {
    const [jws, keys] = [change(await jwsBy(sameKid)), keysOf()];
    await keys.current();
    for (const response of [{ status: 500 }, { json: { keys: [] } }, { status: 404 }]) {
      issuer.responses.set('/jwks', response);
      expect(await verifySignature(jws, keys, ALGORITHMS)).toBe('bad_signature');
    }
  });

  test('a bad signature waits for an issuer that hangs no longer than for one fetch', async () => {
    const fetchKeySet = createKeySetFetcher([issuer.url], issuer.jwksUrl);
    const keys = remoteKeys({ issuer: issuer.url, fetchKeySet, timeoutMs: 1000, ...AGES, now: Date.now });
    await keys.current();
    issuer.responses.set('/jwks', 'hang');

    expect(await verifySignature(await jwsBy(sameKid), keys, ALGORITHMS)).toBe('bad_signature');
    expect(keys.status().refreshes).toEqual({ success: 1, failure: 1 });
    await expect(verifySignature(await jwsBy(newer), keys, ALGORITHMS)).rejects.toThrow(UnavailableError);
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
