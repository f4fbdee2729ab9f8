import { createValidator } from '@crossfade/validator';
import { JwtVerifier } from 'aws-jwt-verify';
import { auth } from 'express-oauth2-jwt-bearer';
import { createVerifier } from 'fast-jwt';
import { createLocalJWKSet, jwtVerify } from 'jose';
import jsonwebtoken from 'jsonwebtoken';
import { AUDIENCES, type BenchIssuer, ISSUER } from './bench-issuer.ts';

/** One library, configured for the same checks: one algorithm, the signature, `iss`, either of two audiences, `exp`. */
export interface Verifier {
  readonly name: string;
  /** Throws, rejects, or resolves to a judgement with outcome `rejected`, when the token is invalid. */
  verify(token: string): unknown;
  /** Whether the signature is verified on another thread. */
  readonly isOffThread?: boolean;
}

export const [JOSE, FAST_JWT] = ['jose jwtVerify', 'fast-jwt'];
const CROSSFADE = 'crossfade judge';
const audiences = [...AUDIENCES];

/** Creates verifiers that check the signature each time. */
export function createVerifiers(issuer: BenchIssuer): Verifier[] {
  const { algorithm, jwks, pem } = issuer;
  const local = createLocalJWKSet({ keys: [...jwks.keys] });
  const aws = JwtVerifier.create({ issuer: ISSUER, audience: audiences, jwksUri: `${ISSUER}/jwks` });
  aws.cacheJwks({ keys: [...jwks.keys] });
  return [
    crossfade(issuer, false),
    {
      name: JOSE,
      verify: (token) => jwtVerify(token, local, { algorithms: [algorithm], issuer: ISSUER, audience: audiences }),
      isOffThread: true,
    },
    oauth2JwtBearer(issuer),
    { name: 'aws-jwt-verify', verify: (token) => aws.verifySync(token) },
    { name: FAST_JWT, verify: createVerifier(fastJwtOptions(issuer, false)) },
    ...(algorithm === 'EdDSA' ? [] : [jwt('jsonwebtoken, PEM', pem, algorithm)]),
    ...(algorithm === 'EdDSA' ? [] : [jwt('jsonwebtoken, KeyObject', issuer.publicKey, algorithm)]),
  ];
}

/** Creates verifiers that cache tokens. */
export function createCachingVerifiers(issuer: BenchIssuer): Verifier[] {
  return [crossfade(issuer, {}), { name: FAST_JWT, verify: createVerifier(fastJwtOptions(issuer, true)) }];
}

/** Returns whether a verifier accepts a token. */
export async function accepts({ verify }: Verifier, token: string): Promise<boolean> {
  try {
    const result = await verify(token);
    return !(typeof result === 'object' && result !== null && 'outcome' in result && result.outcome === 'rejected');
  } catch {
    return false;
  }
}

function crossfade({ algorithm, jwks }: BenchIssuer, cache: false | object): Verifier {
  const side = { issuer: ISSUER, keys: jwks, algorithms: [algorithm] };
  const validator = createValidator({
    clients: [],
    legacy: { ...side, audience: AUDIENCES[0] },
    target: { ...side, audience: AUDIENCES[1] },
    cache,
  });
  return { name: CROSSFADE, verify: (token) => validator.judge(token), isOffThread: cache === false };
}

function fastJwtOptions({ algorithm, pem }: BenchIssuer, cache: boolean) {
  return { key: pem, algorithms: [algorithm], allowedIss: ISSUER, allowedAud: audiences, cache };
}

function jwt(name: string, key: jsonwebtoken.Secret, algorithm: 'RS256' | 'ES256'): Verifier {
  const options: jsonwebtoken.VerifyOptions = { algorithms: [algorithm], issuer: ISSUER, audience: [...AUDIENCES] };
  return { name, verify: (token) => jsonwebtoken.verify(token, key, options) };
}

/** Calls the middleware without a server. */
function oauth2JwtBearer({ algorithm, jwks }: BenchIssuer): Verifier {
  const handler = auth({
    issuer: ISSUER,
    audience: audiences,
    publicKey: { keys: [...jwks.keys] },
    tokenSigningAlg: algorithm,
  });
  const request = { method: 'GET', protocol: 'https', url: '/', originalUrl: '/', host: 'api.example.com', query: {} };
  const response = {} as Parameters<typeof handler>[1];
  return {
    name: 'express-oauth2-jwt-bearer',
    isOffThread: true,
    verify: (token) =>
      new Promise<void>((resolve, reject) => {
        const headers = { host: 'api.example.com', authorization: `Bearer ${token}` };
        const withToken = { ...request, headers, is: () => false, get: () => 'api.example.com' };
        handler(withToken as unknown as Parameters<typeof handler>[0], response, (error: unknown) =>
          error === undefined ? resolve() : reject(error),
        );
      }),
  };
}
