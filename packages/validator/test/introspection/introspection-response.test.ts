import { describe, expect, test } from 'vitest';
import { readIntrospectionResponse } from '../../src/introspection/introspection-response.ts';
import { UnusableResponseError } from '../../src/introspection/unusable-response-error.ts';
import { localKeys } from '../../src/keys/issuer-keys.ts';
import { readKeySet } from '../../src/keys/key-set.ts';
import { ISSUER, NOW_SECONDS } from '../facts.ts';
import { createSigningKey, sign } from '../issuer.ts';

const key = await createSigningKey({ kid: 'a' });
const keySet = readKeySet({ keys: [key.publicJwk] });
if (keySet === undefined) throw new Error('no key');
const verifier = { keys: localKeys(keySet), clockToleranceSeconds: 5, now: () => NOW_SECONDS * 1000 };
const settings = { issuers: [ISSUER], clientId: 'orders-api', algorithms: new Set(['ES256']) };

const SIGNED = 'application/token-introspection+jwt';
const claims = { iss: ISSUER, aud: 'orders-api', iat: NOW_SECONDS };

function read(body: string, contentType = 'application/json', expected: 'json' | 'jwt' = 'json') {
  const response = new Response(body, { headers: { 'content-type': contentType } });
  return readIntrospectionResponse(response, { ...settings, response: expected }, verifier);
}

function signed(content: unknown): Promise<string> {
  return sign({ ...claims, token_introspection: content }, key, { typ: 'token-introspection+jwt' });
}

describe('readIntrospectionResponse', () => {
  test('reads plain responses', async () => {
    expect(await read('{"active":true,"sub":"u1"}')).toEqual({ active: true, sub: 'u1' });
    expect(await read('{"active":false,"sub":"u1"}')).toBe('inactive');
  });

  test('reads signed responses, required or not', async () => {
    const active = await signed({ active: true, sub: 'u1' });

    expect(await read(active, SIGNED)).toEqual({ active: true, sub: 'u1' });
    expect(await read(active, `${SIGNED.toUpperCase()} ; charset=utf-8`, 'jwt')).toEqual({ active: true, sub: 'u1' });
    expect(await read(await signed({ active: false }), SIGNED, 'jwt')).toBe('inactive');
  });

  test('rejects unsigned responses if signed ones are required, even inactive ones', async () => {
    await expect(read('{"active":true}', 'application/json', 'jwt')).rejects.toThrow('did not sign');
    await expect(read('{"active":false}', 'application/json', 'jwt')).rejects.toThrow('did not sign');
    await expect(read('{"active":true}', SIGNED, 'jwt')).rejects.toThrow('not a compact JWS');
    await expect(read(await signed({ active: true }), 'application/json', 'jwt')).rejects.toThrow('did not sign');
  });

  test.each([
    ['nothing', ''],
    ['HTML', '<html></html>'],
    ['a list', '[{"active":true}]'],
    ['no active', '{"sub":"u1"}'],
    ['active as text', '{"active":"true"}'],
    ['active as a number', '{"active":1}'],
    ['active twice', '{"active":false,"active":true}'],
    ['a prototype', '{"active":true,"__proto__":{"sub":"u1"}}'],
    ['too much depth', `{"active":true,"a":${'['.repeat(40)}${']'.repeat(40)}}`],
    ['a JWT without its content type', 'e30.e30.e30'],
  ])('rejects a response of %s', async (_, body) => {
    await expect(read(body)).rejects.toThrow('RFC 7662');
    await expect(read(body)).rejects.toBeInstanceOf(UnusableResponseError);
  });

  test('rejects a response that is too long', async () => {
    await expect(read(`{"active":true,"pad":"${'x'.repeat(65_536)}"}`)).rejects.toThrow('more than 65536 bytes');
  });

  test('puts nothing of the response into the error', async () => {
    const failure = await read('{"active":"secret-value"}').catch((error: Error) => error);

    expect(JSON.stringify([failure, (failure as Error).message, (failure as Error).stack])).not.toContain(
      'secret-value',
    );
  });
});
