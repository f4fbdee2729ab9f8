import { describe, expect, test } from 'vitest';
import type { DpopCheck, DpopRequest, DpopResult } from '../../src/dpop/dpop-check.ts';
import { type ProofOfPossession, proofOfPossession } from '../../src/dpop/proof-of-possession.ts';
import type { TokenBinding } from '../../src/jwt/token-binding.ts';
import type { RequestProof, TokenScheme } from '../../src/request/judgement-context.ts';

const KEY = 'k'.repeat(43);
const CERTIFICATE = 'c'.repeat(43);
const proof = { method: 'GET', url: 'https://api.example.com/orders' };
const withProof: RequestProof = { ...proof, dpop: ['proof'] };
const withCertificate: RequestProof = { ...proof, certificate: CERTIFICATE };
const withBoth: RequestProof = { ...proof, dpop: ['proof'], certificate: CERTIFICATE };

const none = undefined;
const dpop: TokenBinding = { key: KEY, certificate: undefined };
const mtls: TokenBinding = { key: undefined, certificate: CERTIFICATE };
const both: TokenBinding = { key: KEY, certificate: CERTIFICATE };

/** A check with a fixed result that records its requests. */
function checkWith(result: DpopResult): Pick<DpopCheck, 'prove'> & { requests: DpopRequest[] } {
  const requests: DpopRequest[] = [];
  return {
    requests,
    async prove(request) {
      requests.push(request);
      return result;
    },
  };
}

type Binding = Parameters<typeof proofOfPossession>[0];
type Request = { readonly scheme: TokenScheme; readonly proof?: RequestProof };
type Case = [binding: Binding, request: Request, result?: DpopResult];

function prove(binding: Binding, { scheme, proof }: Request, check: Pick<DpopCheck, 'prove'>) {
  return proofOfPossession(binding, { text: 'DPoP token', start: 5, scheme }, proof, check);
}

async function flaw(...[binding, request, result = 'proven']: Case): Promise<ProofOfPossession['flaw']> {
  return (await prove(binding, request, checkWith(result))).flaw;
}

describe('proofOfPossession', () => {
  test.each<[string, ...Case]>([
    ['an unbound token, as Bearer', none, { scheme: 'Bearer' }],
    ['an unbound token, from a client with a certificate', none, { scheme: 'Bearer', proof: withCertificate }],
    ['a DPoP token with its proof', dpop, { scheme: 'DPoP', proof: withProof }],
    ['a certificate-bound token, as Bearer (RFC 8705 §3)', mtls, { scheme: 'Bearer', proof: withCertificate }],
    ['a token bound to both, with both', both, { scheme: 'DPoP', proof: withBoth }],
  ])('is proven: %s', async (_, ...how) => {
    expect(await flaw(...how)).toBeUndefined();
  });

  test.each<[string, ...Case]>([
    ['a DPoP token as Bearer', dpop, { scheme: 'Bearer' }],
    ['a DPoP token as Bearer, with its proof (RFC 9449 §7.2)', dpop, { scheme: 'Bearer', proof: withProof }],
    ['a DPoP token without a proof', dpop, { scheme: 'DPoP' }],
    ['a DPoP token without a DPoP header', dpop, { scheme: 'DPoP', proof }],
    ['a DPoP token with a certificate instead', dpop, { scheme: 'Bearer', proof: withCertificate }],
    ['a certificate-bound token, without a certificate', mtls, { scheme: 'Bearer' }],
    ['a certificate-bound token, with a proof instead', mtls, { scheme: 'DPoP', proof: withProof }],
    ['a token bound to both, with a proof alone', both, { scheme: 'DPoP', proof: withProof }],
    ['a token bound to both, with a certificate alone', both, { scheme: 'Bearer', proof: withCertificate }],
    ['a token with an unknown binding', 'unprovable', { scheme: 'DPoP', proof: withBoth }],
  ])('is required: %s', async (_, binding, request) => {
    const result = request.proof?.dpop === undefined ? 'missing' : 'proven';
    expect(await flaw(binding, request, result)).toBe('proof_required');
  });

  test.each<[string, ...Case]>([
    ['the DPoP scheme with an unbound token', none, { scheme: 'DPoP', proof: withProof }],
    ['the DPoP scheme with a certificate-bound token', mtls, { scheme: 'DPoP', proof: withBoth }],
    ['another certificate', mtls, { scheme: 'Bearer', proof: { ...proof, certificate: `d${CERTIFICATE.slice(1)}` } }],
    ['an empty thumbprint', mtls, { scheme: 'Bearer', proof: { ...proof, certificate: '' } }],
    ['an invalid proof', dpop, { scheme: 'DPoP', proof: withProof }, 'invalid_dpop_proof'],
    ['a proof with another key', dpop, { scheme: 'DPoP', proof: withProof }, 'wrong_key'],
    ['a proof without the server nonce', dpop, { scheme: 'DPoP', proof: withProof }, 'use_dpop_nonce'],
    ['a valid certificate and an invalid proof', both, { scheme: 'DPoP', proof: withBoth }, 'invalid_dpop_proof'],
  ])('is invalid: %s', async (_, ...how) => {
    expect(await flaw(...how)).toBe('proof_invalid');
  });

  test('checks no proof, and returns no promise, without a DPoP-bound token', () => {
    const check = checkWith('proven');

    expect(prove(none, { scheme: 'Bearer' }, check)).not.toBeInstanceOf(Promise);
    expect(prove(mtls, { scheme: 'Bearer', proof: withCertificate }, check)).not.toBeInstanceOf(Promise);
    expect(check.requests).toEqual([]);
  });

  test('checks the proof against this request, this token and its key', async () => {
    const check = checkWith('proven');
    await prove(dpop, { scheme: 'DPoP', proof: withProof }, check);

    expect(check.requests).toEqual([{ ...proof, token: 'token', proofs: ['proof'], key: KEY }]);
  });

  test('checks no proof if the certificate is wrong', async () => {
    const check = checkWith('proven');
    await prove(both, { scheme: 'DPoP', proof: { ...withBoth, certificate: KEY } }, check);

    expect(check.requests).toEqual([]);
  });
});
