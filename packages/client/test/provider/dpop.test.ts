import { createHash } from 'node:crypto';
import { decodeProtectedHeader, importJWK, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import {
  createDpopKey,
  createDpopNonces,
  demandsDpopNonce,
  dpopHeaders,
  exportDpopKey,
  importDpopKey,
} from '../../src/provider/dpop.ts';

const key = await createDpopKey();
const request = { key, method: 'POST', url: 'https://api.example.com/orders?page=2#top', accessToken: 'the-token' };

test('a proof is for one method, one URL without its query, and one token', async () => {
  const { authorization, dpop } = await dpopHeaders(request);
  expect(authorization).toBe('DPoP the-token');
  const { jwk, ...header } = decodeProtectedHeader(dpop);
  expect(header).toEqual({ alg: 'ES256', typ: 'dpop+jwt' });
  const { payload } = await jwtVerify(dpop, await importJWK(jwk ?? {}, 'ES256'));
  expect(payload).toEqual({
    jti: expect.any(String),
    htm: 'POST',
    htu: 'https://api.example.com/orders',
    iat: expect.any(Number),
    ath: createHash('sha256').update('the-token').digest('base64url'),
  });
});

test('every proof is a new one, contains the nonce and no private key', async () => {
  const [one, other] = await Promise.all([dpopHeaders({ ...request, nonce: 'n' }), dpopHeaders(request)]);
  expect(one.dpop).not.toBe(other.dpop);
  expect(Object.keys(decodeProtectedHeader(one.dpop).jwk ?? {})).toEqual(['kty', 'crv', 'x', 'y']);
  const { payload } = await jwtVerify(one.dpop, key.publicKey);
  expect(payload['nonce']).toBe('n');
});

test('a key survives JSON', async () => {
  const copy = await importDpopKey(JSON.parse(JSON.stringify(await exportDpopKey(key))));
  expect(copy.jwk).toEqual(key.jwk);
  const { dpop } = await dpopHeaders({ ...request, key: copy });
  await expect(jwtVerify(dpop, key.publicKey)).resolves.toBeDefined();
});

test('a demand for a nonce is told from a refused token', () => {
  const response = (challenge: string, headers = {}) =>
    new Response(null, { status: 401, headers: { 'www-authenticate': challenge, ...headers } });
  expect(demandsDpopNonce(response('DPoP error="use_dpop_nonce"', { 'dpop-nonce': 'n' }))).toBe(true);
  expect(demandsDpopNonce(response('DPoP error="use_dpop_nonce"'))).toBe(false);
  expect(demandsDpopNonce(response('DPoP error="invalid_token"', { 'dpop-nonce': 'n' }))).toBe(false);
});

test('the nonces of the latest hundred origins are kept', () => {
  const nonces = createDpopNonces();
  const gives = (nonce: string) => new Response(null, { headers: { 'dpop-nonce': nonce } });
  for (let index = 0; index <= 100; index += 1) nonces.keep(`https://api-${index}.example.com/a`, gives(`n${index}`));
  nonces.keep('https://api-5.example.com/b', new Response(null));
  expect(nonces.of('https://api-0.example.com/')).toBeUndefined();
  expect(nonces.of('https://api-5.example.com/c')).toBe('n5');
  expect(nonces.of(new URL('https://api-100.example.com/c'))).toBe('n100');
});
