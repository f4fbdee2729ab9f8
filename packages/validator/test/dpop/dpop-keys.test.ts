import { describe, expect, test } from 'vitest';
import { createDpopKeys, readDpopKey } from '../../src/dpop/dpop-keys.ts';
import { createDpopKey, privateJwk } from '../dpop.ts';

const key = await createDpopKey();

async function read() {
  const shown = await readDpopKey(key.jwk);
  if (shown === undefined) throw new Error('unreadable');
  return shown;
}

describe('readDpopKey', () => {
  test('knows the thumbprint of a key, whatever stands beside its required members', async () => {
    expect((await read()).thumbprint).toBe(key.thumbprint);
    expect(await readDpopKey({ ...key.jwk, kid: 'a', use: 'sig' })).toMatchObject({ thumbprint: key.thumbprint });
  });

  test.each(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'])('refuses a key with %s', async (member) => {
    expect(await readDpopKey({ ...key.jwk, [member]: '' })).toBeUndefined();
  });

  test('refuses a private key, a short one, and what is no key', async () => {
    expect(await readDpopKey(await privateJwk(key))).toBeUndefined();
    expect(await readDpopKey({ kty: 'RSA', n: 'AQAB', e: 'AQAB' })).toBeUndefined();
    expect(await readDpopKey({ ...key.jwk, x: 'ä' })).toBeUndefined();
    for (const value of [undefined, null, 'a', [], [key.jwk], {}, { kty: 'oct' }]) {
      expect(await readDpopKey(value)).toBeUndefined();
    }
  });
});

describe('createDpopKeys', () => {
  test('remembers a thousand keys, and lets the oldest go first', async () => {
    const keys = createDpopKeys();
    const shown = await read();
    for (let count = 0; count <= 1024; count += 1) keys.remember(`header-${count}`, shown);

    expect(keys.get('header-0')).toBeUndefined();
    expect(keys.get('header-1')).toBe(shown);
    expect(keys.get('header-1024')).toBe(shown);
  });
});
