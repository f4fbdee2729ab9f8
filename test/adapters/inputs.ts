import { createHash } from 'node:crypto';
import type { RejectionReason } from '@crossfade/core';
import { bridge, type Fixture, ROLES_CLAIM, type State, target } from './fixture.ts';

/** The routes of every API here, and what each demands. Any other one does not exist. */
export const ROUTES = {
  '/orders': {},
  '/orders/write': { scope: 'orders:write' },
  '/reports': { audience: 'target' },
  '/dash': { feature: 'dash', role: 'beta-tester', scope: 'orders:write' },
  '/shop': { feature: 'shop' },
  '/lounge': { feature: 'dash', role: ['staff', 'beta-tester'] },
  '/attic': { feature: 'attic', role: 'beta-tester' },
} as const;
export type Path = keyof typeof ROUTES;

/** Header lines in the order they are sent. */
export type Headers = readonly (readonly [name: string, value: string])[];

/** The outcome of a request: `hidden` is the response of a missing route. */
export type Verdict = 'accepted' | 'hidden' | 'unavailable' | RejectionReason;

/** One request, and the verdict that every adapter must reach. */
export interface Input {
  readonly name: string;
  readonly path?: Path;
  readonly query?: string;
  readonly body?: string;
  readonly state?: State;
  readonly headers: (fixture: Fixture, path: Path) => Promise<Headers> | Headers;
  readonly verdict: Verdict;
  /** The challenge, where it depends on more than the reason. */
  readonly challenge?: RegExp;
}

type Claims = Readonly<Record<string, unknown>>;

const bearer =
  (claims: Claims = {}) =>
  async (fixture: Fixture) => [authorization(`Bearer ${await fixture.token(claims)}`)];
const plain = (value: string) => () => [authorization(value)];
const authorization = (value: string) => ['authorization', value] as const;
const twice = (first: string, second: string) => async (fixture: Fixture) => {
  const token = await fixture.token();
  return [first, second].map((value) => authorization(value.replace('TOKEN', token)));
};

const CERTIFICATE = Buffer.from('a certificate');
const certified = (certificate: Buffer) => ['client-cert', `:${certificate.toString('base64')}:`] as const;
const cnf = { 'x5t#S256': createHash('sha256').update(CERTIFICATE).digest('base64url') };

const bound =
  (scheme: 'DPoP' | 'Bearer', proofs: 0 | 1 | 2, proven: Partial<{ method: string; path: string }> = {}) =>
  async (fixture: Fixture, path: Path): Promise<Headers> => {
    const token = await fixture.token({ cnf: fixture.keyBinding });
    const proof = () => fixture.proof(token, { method: 'POST', path, ...proven });
    const values = await Promise.all(Array.from({ length: proofs }, proof));
    return [authorization(`${scheme} ${token}`), ...values.map((value) => ['dpop', value] as const)];
  };

const seconds = (offset: number) => Math.floor(Date.now() / 1000) + offset;

export const INPUTS: readonly Input[] = [
  { name: 'a legacy token', headers: bearer(), verdict: 'accepted' },
  { name: 'a target token', headers: bearer(target), verdict: 'accepted' },
  { name: 'a bridge token', headers: bearer(bridge), verdict: 'accepted' },
  {
    name: 'the scheme in capitals',
    headers: async (fixture) => [authorization(`BEARER ${await fixture.token()}`)],
    verdict: 'accepted',
  },
  { name: 'no token', headers: () => [], verdict: 'missing_token' },
  { name: 'a token of another audience', headers: bearer({ aud: 'payments' }), verdict: 'wrong_audience' },
  {
    name: 'a token of a foreign audience, too',
    headers: bearer({ aud: ['default-api', 'x'] }),
    verdict: 'foreign_audience',
  },
  { name: 'an opaque token', headers: plain('Bearer SlAV32hkKG'), verdict: 'malformed_token' },
  { name: 'an expired token', headers: bearer({ exp: seconds(-600) }), verdict: 'expired' },
  { name: 'a token of tomorrow', headers: bearer({ nbf: seconds(86_400) }), verdict: 'not_yet_valid' },
  { name: 'an ID token', headers: bearer({ nonce: 'n' }), verdict: 'id_token' },
  {
    name: 'a forged token',
    headers: async (fixture) => [authorization(`Bearer ${await fixture.forged()}`)],
    verdict: 'bad_signature',
  },
  { name: 'another issuer', headers: bearer({ iss: 'https://evil.example.com' }), verdict: 'wrong_issuer' },
  {
    name: 'a JWT of another type',
    headers: async (fixture) => [authorization(`Bearer ${await fixture.token({}, { typ: 'logout+jwt' })}`)],
    verdict: 'wrong_type',
  },
  { name: 'nonsense', headers: plain('Bearer a b'), verdict: 'malformed_token' },
  { name: 'a scheme without a token', headers: plain('Bearer'), verdict: 'malformed_token' },
  { name: 'a token too large', headers: plain(`Bearer ${'a'.repeat(9000)}`), verdict: 'token_too_large' },
  { name: 'another scheme', headers: plain('Basic YTpi'), verdict: 'missing_token' },
  {
    name: 'a token without a scheme',
    headers: async (fixture) => [authorization(await fixture.token())],
    verdict: 'missing_token',
  },
  { name: 'the same header twice', headers: twice('Bearer TOKEN', 'Bearer TOKEN'), verdict: 'malformed_token' },
  {
    name: 'two headers, the first of another scheme',
    headers: twice('Basic YTpi', 'Bearer TOKEN'),
    verdict: 'malformed_token',
  },
  {
    name: 'two headers, the second of another scheme',
    headers: twice('Bearer TOKEN', 'Basic YTpi'),
    verdict: 'malformed_token',
  },
  {
    name: 'two tokens in one header',
    headers: async (fixture) => [authorization(`Bearer ${await fixture.token()}, Bearer ${await fixture.token()}`)],
    verdict: 'malformed_token',
  },
  { name: 'a token in the query', query: 'access_token=TOKEN', headers: () => [], verdict: 'missing_token' },
  { name: 'a token in the body', body: 'access_token=TOKEN', headers: () => [], verdict: 'missing_token' },
  {
    name: 'a token without the scope of the side',
    headers: bearer({ scope: 'email' }),
    verdict: 'insufficient_scope',
    challenge: /scope="openid"/,
  },
  {
    name: 'a token without the scope of the route',
    path: '/orders/write',
    headers: bearer(),
    verdict: 'insufficient_scope',
    challenge: /scope="openid orders:write"/,
  },
  {
    name: 'the scope of the route',
    path: '/orders/write',
    headers: bearer({ scope: 'openid orders:write' }),
    verdict: 'accepted',
  },
  { name: 'a legacy token after the close', state: 'closed', headers: bearer(), verdict: 'legacy_closed' },
  { name: 'a target token after the close', state: 'closed', headers: bearer(target), verdict: 'accepted' },
  {
    name: 'a legacy token in a brownout',
    state: 'brownout',
    headers: bearer(),
    verdict: 'brownout',
    challenge: /^Bearer error="invalid_token", .*reason="brownout"/,
  },
  {
    name: 'a legacy token without a client in a brownout',
    state: 'brownout',
    headers: bearer({ client_id: undefined }),
    verdict: 'accepted',
  },
  { name: 'a target token in a brownout', state: 'brownout', headers: bearer(target), verdict: 'accepted' },
  { name: 'a bridge token in a brownout', state: 'brownout', headers: bearer(bridge), verdict: 'accepted' },
  { name: 'an expired legacy token in a brownout', state: 'brownout', headers: bearer({ exp: 1 }), verdict: 'expired' },
  { name: 'a legacy token for a target route', path: '/reports', headers: bearer(), verdict: 'legacy_closed' },
  { name: 'a target token for a target route', path: '/reports', headers: bearer(target), verdict: 'accepted' },
  { name: 'a bridge token for a target route', path: '/reports', headers: bearer(bridge), verdict: 'accepted' },
  { name: 'unreachable keys', state: 'cut off', headers: bearer(), verdict: 'unavailable' },
  { name: 'no token while keys are unreachable', state: 'cut off', headers: () => [], verdict: 'missing_token' },
  { name: 'a public feature', path: '/shop', headers: bearer(), verdict: 'accepted' },
  {
    name: 'a feature that is off',
    path: '/attic',
    headers: bearer({ roles: ['beta-tester'] }),
    verdict: 'hidden',
  },
  { name: 'a beta without its role', path: '/dash', headers: bearer(), verdict: 'hidden' },
  {
    name: 'a beta with its role, without scope',
    path: '/dash',
    headers: bearer({ roles: ['beta-tester'] }),
    verdict: 'insufficient_scope',
  },
  {
    name: 'a beta with role and scope',
    path: '/dash',
    headers: bearer({ roles: ['beta-tester'], scope: 'openid orders:write' }),
    verdict: 'accepted',
  },
  {
    name: 'a beta with one of its roles',
    path: '/lounge',
    headers: bearer({ roles: ['beta-tester', 'other'] }),
    verdict: 'accepted',
  },
  {
    name: 'a beta with its role in another claim',
    path: '/lounge',
    headers: bearer({ roles: [], 'cognito:groups': ['staff'], realm_access: { roles: ['staff'] } }),
    verdict: 'hidden',
  },
  {
    name: 'a beta with its role in the claim of the target side',
    path: '/lounge',
    headers: bearer({ ...target, [ROLES_CLAIM]: ['staff'] }),
    verdict: 'accepted',
  },
  {
    name: 'a beta with its role in another claim than the one of the target side',
    path: '/lounge',
    headers: bearer({ ...target, roles: ['staff'] }),
    verdict: 'hidden',
  },
  { name: 'a feature that is off, without a token', path: '/attic', headers: () => [], verdict: 'missing_token' },
  { name: 'a bound token with its proof', headers: bound('DPoP', 1), verdict: 'accepted' },
  { name: 'a bound token as Bearer', headers: bound('Bearer', 1), verdict: 'proof_required', challenge: /^DPoP / },
  { name: 'a bound token without proof', headers: bound('DPoP', 0), verdict: 'proof_required', challenge: /^DPoP / },
  {
    name: 'a bound token with two proofs',
    headers: bound('DPoP', 2),
    verdict: 'proof_invalid',
    challenge: /invalid_dpop_proof/,
  },
  {
    name: 'a proof for another method',
    headers: bound('DPoP', 1, { method: 'GET' }),
    verdict: 'proof_invalid',
    challenge: /invalid_dpop_proof/,
  },
  {
    name: 'a proof for another route',
    headers: bound('DPoP', 1, { path: '/reports' }),
    verdict: 'proof_invalid',
    challenge: /invalid_dpop_proof/,
  },
  {
    name: 'a bound token without the scope of the route',
    path: '/orders/write',
    headers: bound('DPoP', 1),
    verdict: 'insufficient_scope',
    challenge: /^DPoP error="insufficient_scope"/,
  },
  {
    name: 'an unbound token that claims to be bound',
    headers: async (fixture) => [authorization(`DPoP ${await fixture.token()}`)],
    verdict: 'proof_invalid',
    challenge: /^DPoP /,
  },
  {
    name: 'a certificate that the token is bound to',
    headers: async (fixture) => [...(await bearer({ cnf })(fixture)), certified(CERTIFICATE)],
    verdict: 'accepted',
  },
  {
    name: 'another certificate',
    headers: async (fixture) => [...(await bearer({ cnf })(fixture)), certified(Buffer.from('b'))],
    verdict: 'proof_invalid',
  },
  {
    name: 'two certificates',
    headers: async (fixture) => [...(await bearer({ cnf })(fixture)), certified(CERTIFICATE), certified(CERTIFICATE)],
    verdict: 'proof_required',
  },
  { name: 'no certificate', headers: bearer({ cnf }), verdict: 'proof_required' },
];
