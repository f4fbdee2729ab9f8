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

/** A check that finds one thing, and remembers what it was asked. */
function finding(result: DpopResult): Pick<DpopCheck, 'prove'> & { asked: DpopRequest[] } {
  const asked: DpopRequest[] = [];
  return {
    asked,
    async prove(request) {
      asked.push(request);
      return result;
    },
  };
}

type Binding = Parameters<typeof proofOfPossession>[0];
type Request = { readonly scheme: TokenScheme; readonly proof?: RequestProof };
type Case = [binding: Binding, request: Request, result?: DpopResult];

function shown(binding: Binding, { scheme, proof }: Request, check: Pick<DpopCheck, 'prove'>) {
  return proofOfPossession(binding, { text: 'DPoP token', start: 5, scheme }, proof, check);
}

async function flaw(...[binding, request, result = 'proven']: Case): Promise<ProofOfPossession['flaw']> {
  return (await shown(binding, request, finding(result))).flaw;
}

describe('proofOfPossession', () => {
  test.each<[string, ...Case]>([
    ['a token bound to nothing, as Bearer', none, { scheme: 'Bearer' }],
    ['a token bound to nothing, from a client with a certificate', none, { scheme: 'Bearer', proof: withCertificate }],
    ['a DPoP token with its proof', dpop, { scheme: 'DPoP', proof: withProof }],
    ['a token of a certificate, as Bearer (RFC 8705 §3)', mtls, { scheme: 'Bearer', proof: withCertificate }],
    ['a token of both, with both', both, { scheme: 'DPoP', proof: withBoth }],
  ])('is proven: %s', async (_, ...how) => {
    expect(await flaw(...how)).toBeUndefined();
  });

  test.each<[string, ...Case]>([
    ['a DPoP token as Bearer', dpop, { scheme: 'Bearer' }],
    ['a DPoP token as Bearer, its proof beside it (RFC 9449 §7.2)', dpop, { scheme: 'Bearer', proof: withProof }],
    ['a DPoP token without a proof', dpop, { scheme: 'DPoP' }],
    ['a DPoP token without a DPoP header', dpop, { scheme: 'DPoP', proof }],
    ['a DPoP token with a certificate instead', dpop, { scheme: 'Bearer', proof: withCertificate }],
    ['a token of a certificate, without one', mtls, { scheme: 'Bearer' }],
    ['a token of a certificate, with a proof instead', mtls, { scheme: 'DPoP', proof: withProof }],
    ['a token of both, with a proof alone', both, { scheme: 'DPoP', proof: withProof }],
    ['a token of both, with a certificate alone', both, { scheme: 'Bearer', proof: withCertificate }],
    ['a token whose binding nobody here understands', 'unprovable', { scheme: 'DPoP', proof: withBoth }],
  ])('is required: %s', async (_, binding, request) => {
    const result = request.proof?.dpop === undefined ? 'missing' : 'proven';
    expect(await flaw(binding, request, result)).toBe('proof_required');
  });

  test.each<[string, ...Case]>([
    ['the DPoP scheme with a token that is bound to nothing', none, { scheme: 'DPoP', proof: withProof }],
    ['the DPoP scheme with a token of a certificate', mtls, { scheme: 'DPoP', proof: withBoth }],
    ['another certificate', mtls, { scheme: 'Bearer', proof: { ...proof, certificate: `d${CERTIFICATE.slice(1)}` } }],
    ['something that is no thumbprint', mtls, { scheme: 'Bearer', proof: { ...proof, certificate: '' } }],
    ['a proof that does not hold', dpop, { scheme: 'DPoP', proof: withProof }, 'invalid_dpop_proof'],
    ['a proof with another key', dpop, { scheme: 'DPoP', proof: withProof }, 'wrong_key'],
    ['a proof without our nonce', dpop, { scheme: 'DPoP', proof: withProof }, 'use_dpop_nonce'],
    ['a good certificate, and a bad proof', both, { scheme: 'DPoP', proof: withBoth }, 'invalid_dpop_proof'],
  ])('is invalid: %s', async (_, ...how) => {
    expect(await flaw(...how)).toBe('proof_invalid');
  });

  test('asks for nothing, and waits for nothing, where a token is bound to no key', () => {
    const check = finding('proven');

    expect(shown(none, { scheme: 'Bearer' }, check)).not.toBeInstanceOf(Promise);
    expect(shown(mtls, { scheme: 'Bearer', proof: withCertificate }, check)).not.toBeInstanceOf(Promise);
    expect(check.asked).toEqual([]);
  });

  test('has the proof checked against this request, this token and its key', async () => {
    const check = finding('proven');
    await shown(dpop, { scheme: 'DPoP', proof: withProof }, check);

    expect(check.asked).toEqual([{ ...proof, token: 'token', proofs: ['proof'], key: KEY }]);
  });

  test('uses up no proof where the certificate is wrong already', async () => {
    const check = finding('proven');
    await shown(both, { scheme: 'DPoP', proof: { ...withBoth, certificate: KEY } }, check);

    expect(check.asked).toEqual([]);
  });
});
