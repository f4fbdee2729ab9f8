import { describe, expect, test } from 'vitest';
import { readSignedResponse } from '../../src/introspection/signed-response.ts';
import { UnusableResponseError } from '../../src/introspection/unusable-response-error.ts';
import { localKeys } from '../../src/keys/issuer-keys.ts';
import { readKeySet } from '../../src/keys/key-set.ts';
import { ISSUER, NOW_SECONDS } from '../facts.ts';
import { createSigningKey, type SigningKey, sign } from '../issuer.ts';

const key = await createSigningKey({ kid: 'a' });
const otherKey = await createSigningKey({ kid: 'a' });
const keySet = readKeySet({ keys: [key.publicJwk] });
if (keySet === undefined) throw new Error('no key');
const verifier = { keys: localKeys(keySet), clockToleranceSeconds: 5, now: () => NOW_SECONDS * 1000 };
const settings = { issuers: [ISSUER], clientId: 'orders-api', algorithms: new Set(['ES256']) };

const content = { active: true, sub: 'u1' };
const claims = { iss: ISSUER, aud: 'orders-api', iat: NOW_SECONDS, token_introspection: content };

async function read(
  more: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
  signedWith: SigningKey = key,
  algorithms = settings.algorithms,
) {
  const jws = await sign({ ...claims, ...more }, signedWith, { typ: 'token-introspection+jwt', ...header });
  return readSignedResponse(jws, { ...settings, algorithms }, verifier);
}

describe('readSignedResponse', () => {
  test('returns what the issuer says about the token', async () => {
    expect(await read()).toEqual(content);
    expect(await read({ aud: ['default-api', 'orders-api'] })).toEqual(content);
    expect(await read({}, { typ: 'application/Token-Introspection+JWT' })).toEqual(content);
    expect(await read({ iat: NOW_SECONDS + 5 })).toEqual(content);
    expect(await read({ iat: NOW_SECONDS - 65 })).toEqual(content);
  });

  test.each([
    ['of another issuer', { iss: 'https://other.example.com' }, 'another issuer'],
    ['without an issuer', { iss: undefined }, 'another issuer'],
    ['for another client', { aud: 'other-api' }, 'aud'],
    ['without an audience', { aud: undefined }, 'aud'],
    ['without a time', { iat: undefined }, 'without iat'],
    ['from the future', { iat: NOW_SECONDS + 6 }, 'iat is not recent'],
    ['that is too old', { iat: NOW_SECONDS - 66 }, 'iat is not recent'],
    ['without content', { token_introspection: undefined }, 'without token_introspection'],
    ['whose content is a list', { token_introspection: [content] }, 'without token_introspection'],
    ['whose content is text', { token_introspection: JSON.stringify(content) }, 'without token_introspection'],
  ])('rejects a response %s', async (_, more, message) => {
    const rejected = read(more);

    await expect(rejected).rejects.toThrow(message);
    await expect(rejected).rejects.toBeInstanceOf(UnusableResponseError);
  });

  test.each(['JWT', 'at+jwt', 'logout+jwt', undefined])('rejects a JWT of typ %j', async (typ) => {
    await expect(read({}, { typ })).rejects.toThrow('typ');
  });

  test('rejects a response that the issuer did not sign with an accepted algorithm', async () => {
    await expect(read({}, {}, otherKey)).rejects.toThrow('bad_signature');
    await expect(read({}, { kid: 'b' }, otherKey)).rejects.toThrow('unknown_key');
    await expect(read({}, {}, key, new Set(['RS256']))).rejects.toThrow('unsupported_algorithm');
  });

  test.each(['', '{"active":true}', 'a.b.c', 'a.b.c.d.e', 'x'.repeat(60_000)])(
    'rejects text that is not a JWS: %#',
    async (text) => {
      await expect(readSignedResponse(text, settings, verifier)).rejects.toThrow('not a compact JWS');
    },
  );
});
