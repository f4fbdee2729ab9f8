import { describe, expect, test } from 'vitest';
import { readSignedResponse } from '../../src/introspection/signed-response.ts';
import { UnusableResponseError } from '../../src/introspection/unusable-response-error.ts';
import { localKeys } from '../../src/keys/issuer-keys.ts';
import { readKeySet } from '../../src/keys/key-set.ts';
import { ISSUER, NOW_SECONDS } from '../facts.ts';
import { createSigningKey, type SigningKey, sign } from '../issuer.ts';

const key = await createSigningKey({ kid: 'a' });
const strange = await createSigningKey({ kid: 'a' });
const keySet = readKeySet({ keys: [key.publicJwk] });
if (keySet === undefined) throw new Error('no key');
const verifier = { keys: localKeys(keySet), clockToleranceSeconds: 5, now: () => NOW_SECONDS * 1000 };
const settings = { issuer: ISSUER, clientId: 'orders-api', algorithms: new Set(['ES256']) };

const answer = { active: true, sub: 'u1' };
const claims = { iss: ISSUER, aud: 'orders-api', iat: NOW_SECONDS, token_introspection: answer };

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
  test('takes out what the issuer said about the token', async () => {
    expect(await read()).toEqual(answer);
    expect(await read({ aud: ['default-api', 'orders-api'] })).toEqual(answer);
    expect(await read({}, { typ: 'application/Token-Introspection+JWT' })).toEqual(answer);
    expect(await read({ iat: NOW_SECONDS + 5 })).toEqual(answer);
    expect(await read({ iat: NOW_SECONDS - 65 })).toEqual(answer);
  });

  test.each([
    ['of another issuer', { iss: 'https://other.example.com' }, 'another issuer'],
    ['without an issuer', { iss: undefined }, 'another issuer'],
    ['for another client', { aud: 'other-api' }, 'somebody else'],
    ['for nobody', { aud: undefined }, 'somebody else'],
    ['without a time', { iat: undefined }, 'without a time'],
    ['from the future', { iat: NOW_SECONDS + 6 }, 'another time'],
    ['that is a recording', { iat: NOW_SECONDS - 66 }, 'another time'],
    ['about nothing', { token_introspection: undefined }, 'without token_introspection'],
    ['that is no object', { token_introspection: [answer] }, 'without token_introspection'],
    ['that is text', { token_introspection: JSON.stringify(answer) }, 'without token_introspection'],
  ])('refuses an answer %s', async (_, more, message) => {
    const refused = read(more);

    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toBeInstanceOf(UnusableResponseError);
  });

  test.each(['JWT', 'at+jwt', 'logout+jwt', undefined])('refuses a JWT of typ %j: it is no answer', async (typ) => {
    await expect(read({}, { typ })).rejects.toThrow('typ');
  });

  test('refuses what the issuer did not sign, or not with an algorithm of the side', async () => {
    await expect(read({}, {}, strange)).rejects.toThrow('bad_signature');
    await expect(read({}, { kid: 'b' }, strange)).rejects.toThrow('unknown_key');
    await expect(read({}, {}, key, new Set(['RS256']))).rejects.toThrow('unsupported_algorithm');
  });

  test.each(['', '{"active":true}', 'a.b.c', 'a.b.c.d.e', 'x'.repeat(60_000)])(
    'refuses what is no JWS: %#',
    async (text) => {
      await expect(readSignedResponse(text, settings, verifier)).rejects.toThrow('can not be read');
    },
  );
});
