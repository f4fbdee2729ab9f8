import { createHash, createPublicKey, sign as cryptoSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { UnavailableError } from '@crossfade/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createValidator } from '../src/index.ts';
import { createSigningKey, sign, startIssuer, type TestIssuer } from './issuer.ts';
import { createRocaKey } from './weak-rsa.ts';

const AUDIENCE = 'https://api.example.com/orders';
const good = await createSigningKey({ kid: 'good' });
const { n } = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' });
const exponentOne = { kty: 'RSA', n, e: 'AQ', kid: 'weak', alg: 'RS256', use: 'sig' };

let issuer: TestIssuer;

beforeEach(async () => {
  issuer = await startIssuer(good);
});
afterEach(() => issuer.close());

function publish(...keys: readonly object[]): void {
  issuer.responses.set('/jwks', { json: { keys } });
}

function validator() {
  return createValidator({ legacy: { issuer: issuer.url, audience: AUDIENCE } });
}

function claims() {
  return { iss: issuer.url, aud: AUDIENCE, exp: Math.floor(Date.now() / 1000) + 60 };
}

/** A token of RS256 under the kid `weak`. */
function weakToken(signatureOf: (signed: Buffer) => Buffer): string {
  const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');
  const signed = `${part({ alg: 'RS256', kid: 'weak' })}.${part(claims())}`;
  return `${signed}.${signatureOf(Buffer.from(signed)).toString('base64url')}`;
}

/** A signature with exponent 1 is the padded hash itself (RFC 8017 §9.2), so it takes no private key. */
function paddedHash(signed: Buffer): Buffer {
  const digestInfo = Buffer.from('3031300d060960864801650304020105000420', 'hex');
  const hash = Buffer.concat([digestInfo, createHash('sha256').update(signed).digest()]);
  return Buffer.concat([Buffer.from([0, 1]), Buffer.alloc(256 - 3 - hash.length, 0xff), Buffer.from([0]), hash]);
}

test('a token that everyone can sign, because the key has exponent 1, is signed by an unknown key', async () => {
  publish(exponentOne, good.publicJwk);
  const tokens = validator();

  expect(await tokens.judge(weakToken(paddedHash))).toMatchObject({ audience: 'invalid', reason: 'unknown_key' });
  expect(await tokens.judge(await sign(claims(), good))).toMatchObject({ outcome: 'accepted' });
});

test('a token that is signed by a key of a weak generator is signed by an unknown key', async () => {
  const weak: KeyObject = createRocaKey();
  publish({ ...createPublicKey(weak).export({ format: 'jwk' }), kid: 'weak' }, good.publicJwk);

  const judgement = await validator().judge(weakToken((signed) => cryptoSign('sha256', signed, weak)));

  expect(judgement).toMatchObject({ audience: 'invalid', reason: 'unknown_key' });
});

test('an issuer that publishes only keys that cannot be used is unavailable, with the reason', async () => {
  publish(exponentOne, { ...good.publicJwk, use: 'enc' });
  const failure = await validator()
    .judge(weakToken(paddedHash))
    .catch((error: unknown) => error);

  expect(failure).toBeInstanceOf(UnavailableError);
  expect((failure as Error).message).toBe(
    `the keys of ${issuer.url} cannot be used: ${issuer.url}/jwks: 2 keys were fetched, none usable: RSA exponent 1, use is not sig`,
  );
});

test('known keys verify on while the issuer publishes only keys that cannot be used', async () => {
  const tokens = validator();
  await tokens.judge(await sign(claims(), good));
  publish(exponentOne);

  await expect(tokens.judge(weakToken(paddedHash))).rejects.toThrow('none usable: RSA exponent 1');
  expect(await tokens.judge(await sign(claims(), good))).toMatchObject({ outcome: 'accepted' });
});

test('the options take no key that everyone can sign with', () => {
  const options = { legacy: { issuer: issuer.url, audience: AUDIENCE, keys: { keys: [exponentOne] } } };

  expect(() => createValidator(options)).toThrow(
    'legacy.keys: must hold a public signature key, and holds none that is usable: RSA exponent 1',
  );
});
