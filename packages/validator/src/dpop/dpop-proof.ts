import { createHash } from 'node:crypto';
import { decodeProtectedHeader } from 'jose';
import { readCompactJws } from '../jwt/compact-jws.ts';
import type { JsonObject } from '../jwt/strict-json.ts';
import { signatureFlaw } from '../keys/verify-signature.ts';
import { type DpopKeys, readDpopKey } from './dpop-keys.ts';
import { normalTargetUri } from './target-uri.ts';

/** What a proof must match. */
export interface DpopExpectation {
  readonly method: string;
  /** The absolute URL of the request, as the client saw it. */
  readonly url: string;
  readonly token: string;
  /** The thumbprint of the key that the token is bound to. */
  readonly key: string;
  readonly algorithms: ReadonlySet<string>;
  /** The window for `iat`. */
  readonly fromSeconds: number;
  readonly untilSeconds: number;
}

/** A proof that matches and is signed with the token's key. It may have been used before. */
export interface DpopProof {
  readonly id: string;
  readonly issuedAt: number;
  readonly nonce: string | undefined;
}

/** Why a proof is not accepted: it is invalid, or its key is not the token's. */
export type DpopFlaw = 'invalid' | 'wrong_key';

const MAX_BYTES = 8192;

/**
 * Makes the checks of RFC 9449 §4.3, except for replay and nonce. The signature comes last, so that only a key bound to
 * a verified token causes cryptographic work.
 */
export async function verifyDpopProof(
  proof: string,
  expected: DpopExpectation,
  keys: DpopKeys,
): Promise<DpopProof | DpopFlaw> {
  const jws = proof.length > MAX_BYTES ? 'malformed' : readCompactJws(proof);
  if (typeof jws === 'string' || jws.type !== 'dpop+jwt' || !expected.algorithms.has(jws.algorithm)) return 'invalid';
  const header = proof.slice(0, proof.indexOf('.'));
  const key = keys.get(header) ?? (await readDpopKey(decodeProtectedHeader(proof).jwk));
  if (key?.thumbprint !== expected.key) return key === undefined ? 'invalid' : 'wrong_key';
  const parsed = readClaims(jws.claims);
  if (parsed === undefined || !matches(jws.claims, parsed.issuedAt, expected)) return 'invalid';
  // The key is the one in the header: a `kid` must not select another.
  if ((await signatureFlaw({ ...jws, keyId: undefined }, key.keySet)) !== undefined) return 'invalid';
  keys.remember(header, key);
  return parsed;
}

/** `ath`: the access token's SHA-256 in base64url (RFC 9449 §4.2). */
function accessTokenHash(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

function readClaims({ jti, iat, nonce }: JsonObject): DpopProof | undefined {
  if (typeof jti !== 'string' || jti === '' || typeof iat !== 'number') return undefined;
  return nonce === undefined || typeof nonce === 'string' ? { id: jti, issuedAt: iat, nonce } : undefined;
}

function matches({ htm, htu, ath }: JsonObject, issuedAt: number, expected: DpopExpectation): boolean {
  if (htm !== expected.method || typeof htu !== 'string' || ath !== accessTokenHash(expected.token)) return false;
  const target = normalTargetUri(htu);
  if (target === undefined || target !== normalTargetUri(expected.url)) return false;
  return issuedAt >= expected.fromSeconds && issuedAt <= expected.untilSeconds;
}
