import type { RejectionReason } from '@crossfade/core';
import { compactVerify, errors } from 'jose';
import type { CompactJws } from './compact-jws.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import type { KeySet } from './key-set.ts';

/** Why a signature does not count. */
export type SignatureFlaw = Extract<RejectionReason, 'unknown_key' | 'bad_signature' | 'unsupported_algorithm'>;

/**
 * Verifies the signature of a JWS with the keys of the issuer it names. A key nobody knows makes it look for newer
 * ones once; so does a wrong signature without `kid`, because then nothing else tells that the key has changed.
 * @returns the key set that vouches for the token, or why none does.
 * @throws `UnavailableError` when the keys can't be had.
 */
export async function verifySignature(
  jws: CompactJws,
  keys: IssuerKeys,
  algorithms: ReadonlySet<string>,
): Promise<KeySet | SignatureFlaw> {
  if (!algorithms.has(jws.algorithm)) return 'unsupported_algorithm';
  const current = keys.current();
  const known = current instanceof Promise ? await current : current;
  const flaw = await signatureFlaw(jws.token, known);
  if (flaw === undefined) return known;
  if (flaw === 'bad_signature' && jws.keyId !== undefined) return flaw;
  const newer = await keys.newerThan(known);
  if (newer === known) return flaw;
  return (await signatureFlaw(jws.token, newer)) ?? newer;
}

async function signatureFlaw(token: string, keySet: KeySet): Promise<SignatureFlaw | undefined> {
  try {
    await compactVerify(token, keySet);
    return undefined;
  } catch (error) {
    if (error instanceof errors.JWKSMultipleMatchingKeys) return flawWithAny(token, error);
    return error instanceof errors.JWSSignatureVerificationFailed ? 'bad_signature' : 'unknown_key';
  }
}

/** Several keys fit where a token names none, or an issuer gives two of them one name. */
async function flawWithAny(token: string, keys: errors.JWKSMultipleMatchingKeys): Promise<SignatureFlaw | undefined> {
  for await (const key of keys) {
    try {
      await compactVerify(token, key);
      return undefined;
    } catch {
      // The next one may fit.
    }
  }
  return 'bad_signature';
}
