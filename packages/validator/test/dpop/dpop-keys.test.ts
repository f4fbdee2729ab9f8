import { describe, expect, test } from 'vitest';
import { createDpopKeys, readDpopKey } from '../../src/dpop/dpop-keys.ts';
import { createDpopKey, privateJwk } from '../dpop.ts';

const key = await createDpopKey();

async function read() {
  const dpopKey = await readDpopKey(key.jwk);
  if (dpopKey === undefined) throw new Error('unreadable');
  return dpopKey;
}

describe('readDpopKey', () => {
  test('computes the thumbprint of a key from its required members', async () => {
    expect((await read()).thumbprint).toBe(key.thumbprint);
    expect(await readDpopKey({ ...key.jwk, kid: 'a', use: 'sig' })).toMatchObject({ thumbprint: key.thumbprint });
  });

  test.each(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'])('rejects a key with %s', async (member) => {
    expect(await readDpopKey({ ...key.jwk, [member]: '' })).toBeUndefined();
  });

  test('rejects a private key, a short one, and values that are not keys', async () => {
    expect(await readDpopKey(await privateJwk(key))).toBeUndefined();
    expect(await readDpopKey({ kty: 'RSA', n: 'AQAB', e: 'AQAB' })).toBeUndefined();
    expect(await readDpopKey({ ...key.jwk, x: 'ä' })).toBeUndefined();
    for (const value of [undefined, null, 'a', [], [key.jwk], {}, { kty: 'oct' }]) {
      expect(await readDpopKey(value)).toBeUndefined();
    }
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
