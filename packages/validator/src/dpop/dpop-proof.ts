import { createHash } from 'node:crypto';
import { decodeProtectedHeader } from 'jose';
import { readCompactJws } from '../jwt/compact-jws.ts';
import type { JsonObject } from '../jwt/strict-json.ts';
import { signatureFlaw } from '../keys/verify-signature.ts';
import { type DpopKeyFlaw, type DpopKeys, readDpopKey } from './dpop-keys.ts';
import { normalTargetUri } from './target-uri.ts';

/** What a proof must match. */
export interface DpopExpectation {
  readonly method: string;
  /** The absolute URL of the request, as the client saw it; several where a proxy leaves it open. */
  readonly url: string | readonly string[];
  readonly token: string;
  /** The thumbprint of the key that the token is bound to. */
  readonly key: string;
  readonly algorithms: ReadonlySet<string>;
  readonly nowSeconds: number;
  /** How long after its `iat` a proof is accepted. */
  readonly maxAgeSeconds: number;
  /** How far the clocks of client and API may differ. */
  readonly clockToleranceSeconds: number;
}

/** A proof that matches and is signed with the token's key. It may have been used before. */
export interface DpopProof {
  readonly id: string;
  readonly issuedAt: number;
  readonly nonce: string | undefined;
}

/** Why a proof is not accepted: it is invalid, or its key is not the token's. */
export type DpopFlaw = DpopKeyFlaw;

const MAX_BYTES = 8192;

/** `application/` may be left out, and letter case has no meaning (RFC 7515 §4.1.9). */
const TYPE = /^(?:application\/)?dpop\+jwt$/i;

/**
 * Makes the checks of RFC 9449 §4.3, except for replay and nonce, and those of RFC 7519 §4.1 for the times that a proof
 * may have besides. `htu` is what names the recipient of a proof: an `aud`, which RFC 9449 does not define, is ignored.
 * The signature comes last, so that only a key bound to a verified token causes cryptographic work.
 */
export async function verifyDpopProof(
  proof: string,
  expected: DpopExpectation,
  keys: DpopKeys,
): Promise<DpopProof | DpopFlaw> {
  const jws = proof.length > MAX_BYTES ? 'malformed' : readCompactJws(proof);
  if (typeof jws === 'string' || !expected.algorithms.has(jws.algorithm)) return 'invalid';
  if (jws.type === undefined || !TYPE.test(jws.type)) return 'invalid';
  const header = proof.slice(0, proof.indexOf('.'));
  const key = keys.get(header) ?? (await readDpopKey(decodeProtectedHeader(proof).jwk, expected.key));
  if (typeof key === 'string') return key;
  if (key.thumbprint !== expected.key) return 'wrong_key';
  const parsed = readClaims(jws.claims);
  if (parsed === undefined || !isTimely(jws.claims, parsed.issuedAt, expected)) return 'invalid';
  if (!isForRequest(jws.claims, expected)) return 'invalid';
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

/** `exp` and `nbf` are optional, and count where a client sets them (RFC 7519 §4.1.4, §4.1.5). */
function isTimely(
  { exp, nbf }: JsonObject,
  issuedAt: number,
  { nowSeconds, maxAgeSeconds, clockToleranceSeconds }: DpopExpectation,
): boolean {
  const earliest = nowSeconds - clockToleranceSeconds;
  const latest = nowSeconds + clockToleranceSeconds;
  if (issuedAt < earliest - maxAgeSeconds || issuedAt > latest) return false;
  if (exp !== undefined && !(typeof exp === 'number' && exp > earliest)) return false;
  return nbf === undefined || (typeof nbf === 'number' && nbf <= latest);
}

function isForRequest({ htm, htu, ath }: JsonObject, expected: DpopExpectation): boolean {
  if (htm !== expected.method || typeof htu !== 'string' || ath !== accessTokenHash(expected.token)) return false;
  const target = normalTargetUri(htu);
  return target !== undefined && [expected.url].flat().some((url) => target === normalTargetUri(url));
}
