import type { RejectionReason } from '@crossfade/core';
import { compactVerify, errors } from 'jose';
import type { CompactJws } from './compact-jws.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import type { KeySet } from './key-set.ts';

/** How a look at a signature ends. */
export type SignatureVerdict =
  | 'verified'
  | Extract<RejectionReason, 'unknown_key' | 'bad_signature' | 'unsupported_algorithm'>;

/**
 * Verifies the signature of a JWS with the keys of the issuer it names. A key nobody knows makes it look for newer
 * ones once; so does a wrong signature without `kid`, because then nothing else tells that the key has changed.
 * @throws `UnavailableError` when the keys can't be had.
 */
export async function verifySignature(
  jws: CompactJws,
  keys: IssuerKeys,
  algorithms: ReadonlySet<string>,
): Promise<SignatureVerdict> {
  if (!algorithms.has(jws.algorithm)) return 'unsupported_algorithm';
  const current = keys.current();
  const known = current instanceof Promise ? await current : current;
  const verdict = await verifyWith(jws.token, known);
  if (verdict === 'verified' || (verdict === 'bad_signature' && jws.keyId !== undefined)) return verdict;
  const newer = await keys.newerThan(known);
  return newer === known ? verdict : verifyWith(jws.token, newer);
}

async function verifyWith(token: string, keySet: KeySet): Promise<SignatureVerdict> {
  try {
    await compactVerify(token, keySet);
    return 'verified';
  } catch (error) {
    if (error instanceof errors.JWKSMultipleMatchingKeys) return verifyWithAny(token, error);
    return error instanceof errors.JWSSignatureVerificationFailed ? 'bad_signature' : 'unknown_key';
  }
}

/** Several keys fit where a token names none, or an issuer gives two of them one name. */
async function verifyWithAny(token: string, keys: errors.JWKSMultipleMatchingKeys): Promise<SignatureVerdict> {
  for await (const key of keys) {
    try {
      await compactVerify(token, key);
      return 'verified';
    } catch {
      // The next one may fit.
    }
  }
  return 'bad_signature';
}
