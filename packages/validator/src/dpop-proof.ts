import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, compactVerify, decodeProtectedHeader, type JWK } from 'jose';
import { readCompactJws } from './compact-jws.ts';
import type { JsonObject } from './strict-json.ts';
import { normalTargetUri } from './target-uri.ts';

/** What a proof has to fit. */
export interface DpopExpectation {
  readonly method: string;
  /** The absolute URL of the request, as the client saw it. */
  readonly url: string;
  readonly token: string;
  /** The thumbprint of the key that the token is bound to. */
  readonly key: string;
  readonly algorithms: ReadonlySet<string>;
  /** The window that `iat` has to be in. */
  readonly fromSeconds: number;
  readonly untilSeconds: number;
}

/** A proof that fits and is signed with the token's key. Whether it was used before is not known yet. */
export interface DpopProof {
  readonly id: string;
  readonly issuedAt: number;
  readonly nonce: string | undefined;
}

/** Why a proof does not count: flawed in itself, or signed with another key than the token's. */
export type DpopFlaw = 'invalid' | 'wrong_key';

const MAX_BYTES = 8192;
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

/**
 * Makes the checks of RFC 9449 §4.3 that one proof allows. The signature comes last: only a key that an issuer vouches
 * for gets us to compute with it.
 */
export async function verifyDpopProof(proof: string, expected: DpopExpectation): Promise<DpopProof | DpopFlaw> {
  const jws = proof.length > MAX_BYTES ? 'malformed' : readCompactJws(proof);
  if (typeof jws === 'string' || jws.type !== 'dpop+jwt' || !expected.algorithms.has(jws.algorithm)) return 'invalid';
  const { jwk } = decodeProtectedHeader(proof);
  if (!isPublicKey(jwk)) return 'invalid';
  const key = await thumbprintOf(jwk);
  if (key !== expected.key) return key === undefined ? 'invalid' : 'wrong_key';
  const read = readClaims(jws.claims);
  if (read === undefined || !fits(jws.claims, read.issuedAt, expected)) return 'invalid';
  return (await isSignedBy(jwk, proof, jws.algorithm)) ? read : 'invalid';
}

/** `ath`: the access token's SHA-256 in base64url (RFC 9449 §4.2). */
export function accessTokenHash(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

function isPublicKey(jwk: unknown): jwk is JWK {
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) return false;
  return !PRIVATE_MEMBERS.some((name) => Object.hasOwn(jwk, name));
}

async function thumbprintOf(jwk: JWK): Promise<string | undefined> {
  try {
    return await calculateJwkThumbprint(jwk);
  } catch {
    return undefined;
  }
}

function readClaims({ jti, iat, nonce }: JsonObject): DpopProof | undefined {
  if (typeof jti !== 'string' || jti === '' || typeof iat !== 'number') return undefined;
  return nonce === undefined || typeof nonce === 'string' ? { id: jti, issuedAt: iat, nonce } : undefined;
}

function fits({ htm, htu, ath }: JsonObject, issuedAt: number, expected: DpopExpectation): boolean {
  if (htm !== expected.method || typeof htu !== 'string' || ath !== accessTokenHash(expected.token)) return false;
  const target = normalTargetUri(htu);
  if (target === undefined || target !== normalTargetUri(expected.url)) return false;
  return issuedAt >= expected.fromSeconds && issuedAt <= expected.untilSeconds;
}

async function isSignedBy(jwk: JWK, proof: string, algorithm: string): Promise<boolean> {
  try {
    await compactVerify(proof, jwk, { algorithms: [algorithm] });
    return true;
  } catch {
    return false;
  }
}
