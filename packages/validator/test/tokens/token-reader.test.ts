import { describe, expect, test } from 'vitest';
import type { IssuerKeys } from '../../src/keys/issuer-keys.ts';
import { type KeySet, readKeySet } from '../../src/keys/key-set.ts';
import type { PresentedToken } from '../../src/request/presented-token.ts';
import { readSettings } from '../../src/settings/read-settings.ts';
import { createTokenReader } from '../../src/tokens/token-reader.ts';
import { createSigningKey, sign } from '../issuer.ts';

const ISSUER = 'https://idp.example.com';
const [key, newKey] = await Promise.all([createSigningKey({ kid: 'a' }), createSigningKey({ kid: 'b' })]);
const [before, after] = [key, newKey].map(({ publicJwk }) => readKeySet({ keys: [publicJwk] }) as KeySet);

/** Keys that count verifications, and change on demand. */
function countedKeys() {
  let keySet = before as KeySet;
  let looks = 0;
  const keys: IssuerKeys = {
    current: () => {
      looks += 1;
      return keySet;
    },
    isCurrent: (other) => other === keySet,
    newerThan: async () => keySet,
    status: () => ({ ageSeconds: 0, refreshes: { success: 0, failure: 0 } }),
    missing: () => undefined,
    close: () => {},
  };
  return {
    keys,
    looks: () => looks,
    rotate: () => {
      keySet = after as KeySet;
    },
  };
}

function readerWith(keys: IssuerKeys, options: object = {}) {
  const legacy = { issuer: ISSUER, audience: 'default-api', keys: { keys: [key.publicJwk] } };
  const settings = readSettings({ clients: [], legacy, ...options });
  return createTokenReader(settings, new Map([[ISSUER, { keys, algorithms: new Set(['ES256']) }]]), undefined);
}

function token(signer = key): Promise<string> {
  return sign({ iss: ISSUER, aud: 'default-api', exp: 2_000_000_000 }, signer);
}

/** A copy of the string, as each request brings its own. */
function alone(token: string): PresentedToken {
  return { text: Buffer.from(token).toString(), start: 0, scheme: 'Bearer' };
}

function inHeader(token: string): PresentedToken {
  return { text: `Bearer ${token}`, start: 'Bearer '.length, scheme: 'Bearer' };
}

describe.each([
  ['with a cache', {}],
  ['without', { cache: false }],
])('a token reader %s', (_, options) => {
  test('verifies a token once for all concurrent requests that bring it', async () => {
    const counted = countedKeys();
    const reader = readerWith(counted.keys, options);
    const genuine = await token();
    const readings = await Promise.all(Array.from({ length: 1000 }, () => reader.read(alone(genuine))));

    expect(counted.looks()).toBe(1);
    expect(new Set(readings).size).toBe(1);
    expect(readings[0]).toMatchObject({ shared: { evaluation: { audience: 'legacy' } } });
  });

  test('rejects a token once for all concurrent requests that bring it, and verifies it again afterwards', async () => {
    const counted = countedKeys();
    const reader = readerWith(counted.keys, options);
    const early = await token(newKey);
    const readings = await Promise.all(Array.from({ length: 100 }, () => reader.read(alone(early))));
    expect(counted.looks()).toBe(1);
    expect(new Set(readings)).toEqual(new Set([{ outcome: 'rejected', audience: 'invalid', reason: 'unknown_key' }]));

    counted.rotate();
    expect(await reader.read(alone(early))).toMatchObject({ shared: { evaluation: { audience: 'legacy' } } });
  });

  test('keeps tokens apart', async () => {
    const reader = readerWith(countedKeys().keys, options);
    const genuine = await token();
    const changed = `${genuine.slice(0, -20)}${genuine.at(-20) === 'A' ? 'B' : 'A'}${genuine.slice(-19)}`;
    const [good, bad] = await Promise.all([reader.read(alone(genuine)), reader.read(alone(changed))]);

    expect(good).not.toHaveProperty('outcome');
    expect(bad).toMatchObject({ reason: 'bad_signature' });
  });
});

test('recalls a token for as long as the keys that verified it are the current ones', async () => {
  const counted = countedKeys();
  const reader = readerWith(counted.keys);
  const presented = alone(await token());
  const recalled = () => [reader.recall(presented.text, undefined, 0), reader.recallToken(presented, 0)];
  expect(recalled()).toEqual([undefined, undefined]);
  const reading = await reader.read(presented);
  for (const known of recalled()) expect(known).toBe(reading);

  counted.rotate();
  expect(recalled()).toEqual([undefined, undefined]);
});

test('recalls a token in any text, and a text only as it came', async () => {
  const reader = readerWith(countedKeys().keys);
  const [one, other] = await Promise.all([token(), token()]);
  const [known, knownInHeader] = [await reader.read(alone(one)), await reader.read(inHeader(other))];
  expect(reader.recallToken(inHeader(one), 0)).toBe(known);
  expect(reader.recallToken(alone(other), 0)).toBe(knownInHeader);
  expect(reader.recall(inHeader(one).text, 'Bearer', 0)).toBeUndefined();
  expect(reader.recall(other, undefined, 0)).toBeUndefined();
  expect(reader.recall(one, undefined, 0)).toBe(known);
  expect(reader.recall(one, 'Bearer', 0)).toBeUndefined();
  expect(reader.recall(inHeader(other).text, 'Bearer', 0)).toBe(knownInHeader);
  expect(reader.recall(inHeader(other).text, 'DPoP', 0)).toBeUndefined();
  expect(reader.recall(inHeader(other).text, undefined, 0)).toBeUndefined();
  // A header is not a token, and none was ever verified as one.
  const headerAlone = alone(inHeader(other).text);
  expect(reader.recallToken(headerAlone, 0)).toBeUndefined();
  expect(await reader.read(headerAlone)).toMatchObject({ reason: 'malformed_token' });
});
