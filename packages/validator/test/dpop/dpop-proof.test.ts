import { SIGNATURE_ALGORITHMS } from '@crossfade/core';
import fc from 'fast-check';
import { calculateJwkThumbprint, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { createDpopKeys } from '../../src/dpop/dpop-keys.ts';
import { type DpopExpectation, verifyDpopProof } from '../../src/dpop/dpop-proof.ts';
import { createDpopKey, type ProofParts, privateJwk, prove } from '../dpop.ts';

const NOW = 1_800_000_000;
const TOKEN = 'header.claims.signature';
const METHOD = 'POST';
const URL_SEEN = 'https://api.example.com/orders';

const key = await createDpopKey();
const otherKey = await createDpopKey();
const rsaKey = await createDpopKey('RS256');

const expectation: DpopExpectation = {
  method: METHOD,
  url: URL_SEEN,
  token: TOKEN,
  key: key.thumbprint,
  algorithms: new Set(SIGNATURE_ALGORITHMS),
  nowSeconds: NOW,
  maxAgeSeconds: 60,
  clockToleranceSeconds: 5,
};

const request = { method: METHOD, url: URL_SEEN, token: TOKEN, nowSeconds: NOW };

function verify(proof: string, expected: DpopExpectation): ReturnType<typeof verifyDpopProof> {
  return verifyDpopProof(proof, expected, createDpopKeys());
}

async function outcome(parts: ProofParts, expected: Partial<DpopExpectation> = {}): Promise<unknown> {
  return verify(await prove(key, request, parts), { ...expectation, ...expected });
}

describe('a valid proof', () => {
  test.each(SIGNATURE_ALGORITHMS)('may be signed with %s', async (alg) => {
    const signer = await createDpopKey(alg);
    const proof = await prove(signer, request, { claims: { jti: 'a', nonce: 'n' } });

    expect(await verify(proof, { ...expectation, key: signer.thumbprint })).toEqual({
      id: 'a',
      issuedAt: NOW,
      nonce: 'n',
    });
  });

  test.each([
    ['the oldest iat', { claims: { iat: NOW - 65 } }],
    ['the newest iat', { claims: { iat: NOW + 5 } }],
    ['an iat with a fraction', { claims: { iat: NOW - 0.5 } }],
    ['an htu in another spelling', { claims: { htu: 'HTTPS://API.example.com:443/%6Frders' } }],
    ['an htu with the query of the request (§4.3, 9)', { claims: { htu: `${URL_SEEN}?page=2#top` } }],
    ['members of the key that state its purpose', { header: { jwk: { ...key.jwk, use: 'sig', alg: 'ES256' } } }],
    ['unknown claims', { claims: { sub: 'u1', iss: 'web', aud: 'https://other.example.com' } }],
    ['a typ in another spelling (RFC 7515 §4.1.9)', { header: { typ: 'application/DPoP+JWT' } }],
    ['an exp ahead', { claims: { exp: NOW + 1 } }],
    ['an exp that is past by less than the tolerance', { claims: { exp: NOW - 4.9 } }],
    ['an nbf that is reached', { claims: { nbf: NOW } }],
    ['an nbf that is ahead by the tolerance', { claims: { nbf: NOW + 5 } }],
  ] satisfies [string, ProofParts][])('may have %s', async (_, parts) => {
    expect(await outcome(parts)).toMatchObject({ id: expect.any(String) });
  });

  test('may match any of the URLs that a request may have had', async () => {
    const url = [`${URL_SEEN}/`, URL_SEEN];

    expect(await outcome({}, { url })).toMatchObject({ issuedAt: NOW });
    expect(await outcome({ claims: { htu: `${URL_SEEN}/1` } }, { url })).toBe('invalid');
  });

  test('does not cover the query of the request', async () => {
    expect(await outcome({}, { url: `${URL_SEEN}?page=2` })).toMatchObject({ issuedAt: NOW });
  });
});

describe('a proof that breaks one rule of RFC 9449 §4.3', () => {
  const secretHeader = { jwk: { kty: 'oct', k: 'c2VjcmV0' } };

  test.each([
    ['has no typ', { header: { typ: undefined } }],
    ['has the typ JWT', { header: { typ: 'JWT' } }],
    ['has the typ of an access token', { header: { typ: 'at+jwt' } }],
    ['has a typ with a trailing space', { header: { typ: 'dpop+jwt ' } }],
    ['has no jwk', { header: { jwk: undefined } }],
    ['has null for a jwk', { header: { jwk: null } }],
    ['has text for a jwk', { header: { jwk: JSON.stringify(key.jwk) } }],
    ['has a list for a jwk', { header: { jwk: [key.jwk] } }],
    ['has an empty jwk', { header: { jwk: {} } }],
    ['has a jwk without its x', { header: { jwk: { ...key.jwk, x: undefined } } }],
    ['has a jwk of an unknown kind', { header: { jwk: { ...key.jwk, kty: 'XX' } } }],
    ['has a symmetric jwk', { header: secretHeader }],
    ['has an empty private part in its jwk', { header: { jwk: { ...key.jwk, d: '' } } }],
    ['has a jwk that is for encryption', { header: { jwk: { ...key.jwk, use: 'enc' } } }],
    ['has a jwk that is for signing only', { header: { jwk: { ...key.jwk, key_ops: ['sign'] } } }],
    ['has a critical extension', { header: { crit: ['b64'], b64: true } }],
    ['has no jti', { claims: { jti: undefined } }],
    ['has an empty jti', { claims: { jti: '' } }],
    ['has a number for a jti', { claims: { jti: 1 } }],
    ['has no htm', { claims: { htm: undefined } }],
    ['has another htm', { claims: { htm: 'GET' } }],
    ['has an htm in small letters, which is another method', { claims: { htm: 'post' } }],
    ['has a list of htm', { claims: { htm: ['POST'] } }],
    ['has no htu', { claims: { htu: undefined } }],
    ['has another host in htu', { claims: { htu: 'https://api.example.org/orders' } }],
    ['has another scheme in htu', { claims: { htu: 'http://api.example.com/orders' } }],
    ['has another port in htu', { claims: { htu: 'https://api.example.com:8443/orders' } }],
    ['has another path in htu', { claims: { htu: 'https://api.example.com/orders/1' } }],
    ['has a path alone for an htu', { claims: { htu: '/orders' } }],
    ['has credentials in htu', { claims: { htu: 'https://u:p@api.example.com/orders' } }],
    ['has a list of htu', { claims: { htu: [URL_SEEN] } }],
    ['has no iat', { claims: { iat: undefined } }],
    ['has text for an iat', { claims: { iat: String(NOW) } }],
    ['has null for an iat', { claims: { iat: null } }],
    ['is too old', { claims: { iat: NOW - 66 } }],
    ['comes from the future', { claims: { iat: NOW + 6 } }],
    ['has an iat in milliseconds', { claims: { iat: NOW * 1000 } }],
    ['has expired', { claims: { exp: NOW - 5 } }],
    ['has expired long ago', { claims: { exp: NOW - 3600 } }],
    ['has text for an exp', { claims: { exp: String(NOW + 60) } }],
    ['has null for an exp', { claims: { exp: null } }],
    ['is not valid yet', { claims: { nbf: NOW + 6 } }],
    ['has text for an nbf', { claims: { nbf: String(NOW - 60) } }],
    ['has null for an nbf', { claims: { nbf: null } }],
    ['has no ath', { claims: { ath: undefined } }],
    ['has the ath of another token', { claims: { ath: 'uY29uYmVydA-_uY29uYmVydA-_uY29uYmVydA-_uY29u' } }],
    ['has the token itself for an ath', { claims: { ath: TOKEN } }],
    ['has a number for a nonce', { claims: { nonce: 1 } }],
  ] satisfies [string, ProofParts][])('%s', async (_, parts) => {
    expect(await outcome(parts)).toBe('invalid');
  });

  test('contains a private key', async () => {
    expect(await outcome({ header: { jwk: await privateJwk(key) } })).toBe('invalid');
    const rsa = await prove(rsaKey, request, { header: { jwk: await privateJwk(rsaKey) } });
    expect(await verify(rsa, { ...expectation, key: rsaKey.thumbprint })).toBe('invalid');
  });

  test('is signed with an algorithm that is not allowed', async () => {
    expect(await outcome({}, { algorithms: new Set(['PS256']) })).toBe('invalid');
  });

  test.each(['none', 'HS256'])('names %s', async (alg) => {
    const [, payload, signature] = (await prove(key, request)).split('.');
    const header = Buffer.from(JSON.stringify({ typ: 'dpop+jwt', alg, jwk: key.jwk })).toString('base64url');

    for (const end of ['', signature]) {
      expect(await verify(`${header}.${payload}.${end}`, expectation)).toBe('invalid');
    }
  });

  test('is made with the public key as the secret of an HMAC', async () => {
    const secret = new TextEncoder().encode(JSON.stringify(key.jwk));
    const proof = await new SignJWT({ jti: 'a', htm: METHOD, htu: URL_SEEN, iat: NOW })
      .setProtectedHeader({ alg: 'HS256', typ: 'dpop+jwt', jwk: key.jwk })
      .sign(secret);

    expect(await verify(proof, expectation)).toBe('invalid');
  });

  test('names the right key but is signed with another', async () => {
    expect(await verify(await prove(otherKey, request, { header: { jwk: key.jwk } }), expectation)).toBe('invalid');
  });

  test('has an algorithm that does not match its key', async () => {
    const proof = await prove(rsaKey, request, { header: { alg: 'RS256', jwk: key.jwk } });

    expect(await verify(proof, expectation)).toBe('invalid');
  });

  test('is valid except that its key is not the token’s', async () => {
    expect(await verify(await prove(otherKey, request), expectation)).toBe('wrong_key');
  });

  test('has its claims changed after signing', async () => {
    const [header, , signature] = (await prove(key, request)).split('.');
    const [, payload] = (await prove(key, request, { claims: { jti: 'another' } })).split('.');

    expect(await verify(`${header}.${payload}.${signature}`, expectation)).toBe('invalid');
  });
});

describe('any other string', () => {
  test('is rejected without an error: a proof with characters changed, dropped or inserted', async () => {
    const proof = await prove(key, request);
    const change = fc.record({
      at: fc.nat(proof.length - 1),
      drop: fc.nat(2),
      put: fc.oneof(fc.constantFrom('', 'A', '_', '.', '=', ' ', '"', proof.slice(0, 40)), fc.string({ maxLength: 3 })),
    });
    const check = async ({ at, drop, put }: { at: number; drop: number; put: string }) => {
      const changed = proof.slice(0, at) + put + proof.slice(at + drop);
      if (changed !== proof) expect(await verify(changed, expectation)).toMatch(/^(invalid|wrong_key)$/);
    };
    await fc.assert(fc.asyncProperty(change, check), { numRuns: 2000 });
  });

  test('is rejected without an error: a proof with arbitrary claims, signed with the right key', async () => {
    const parts = fc.record({
      claims: fc.dictionary(fc.constantFrom('htm', 'htu', 'iat', 'jti', 'ath'), fc.jsonValue(), { minKeys: 1 }),
      header: fc.dictionary(fc.constantFrom('kid', 'jwk', 'typ', 'x'), fc.jsonValue()),
    });
    const check = async ({ claims, header }: Required<ProofParts>) => {
      const outcome = await verify(await prove(key, request, { claims, header }), expectation);
      const isValid = typeof outcome === 'object' && outcome.id === claims['jti'] && Object.keys(claims).length === 1;
      if (!isValid) expect(outcome).toMatch(/^(invalid|wrong_key)$/);
    };
    await fc.assert(fc.asyncProperty(parts, check), { numRuns: 1000 });
  });
});

describe('text that is not a proof', () => {
  test.each([
    ['nothing', ''],
    ['a word', 'proof'],
    ['two proofs that a proxy joined', 'a.b.c, a.b.c'],
    ['dots', '..'],
    ['five parts', 'a.b.c.d.e'],
    ['padding', 'e30=.e30=.'],
    ['too much', 'a'.repeat(8193)],
  ])('is rejected: %s', async (_, proof) => {
    expect(await verify(proof, expectation)).toBe('invalid');
  });

  test('is rejected: a proof with white space, or of more than 8 kB', async () => {
    const proof = await prove(key, request);
    const large = await prove(key, request, { claims: { pad: 'a'.repeat(8192) } });

    expect(await verify(` ${proof}`, expectation)).toBe('invalid');
    expect(await verify(`${proof}\n`, expectation)).toBe('invalid');
    expect(await verify(large, expectation)).toBe('invalid');
  });
});

test('a key that no token is bound to causes no signature check: an RSA key that is slow to verify with', async () => {
  const jwk = { ...rsaKey.jwk, e: rsaKey.jwk.n ?? '' };
  const proof = await prove(rsaKey, request, { header: { jwk } });

  expect(await calculateJwkThumbprint(jwk)).not.toBe(rsaKey.thumbprint);
  expect(await verify(proof, { ...expectation, key: rsaKey.thumbprint })).toBe('wrong_key');
});
