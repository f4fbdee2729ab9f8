import type { RejectionReason } from '@crossfade/core';
import type { CompactJws } from '../jwt/compact-jws.ts';
import { isSignedBy } from './is-signed-by.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import type { KeySet } from './key-set.ts';

/** Why a signature is not accepted. */
export type SignatureFlaw = Extract<RejectionReason, 'unknown_key' | 'bad_signature' | 'unsupported_algorithm'>;

/**
 * Verifies the signature of a JWS with its issuer's keys. An unknown key triggers one refetch; so does a bad signature,
 * because issuers replace a key under its `kid`, and nothing else shows it. A signature that no key at hand verifies stays
 * bad if that refetch fails: everyone can send one, and it must not look like an outage.
 * @returns the key set that verified the signature, or the flaw.
 * @throws `UnavailableError` when no known key fits and none can be fetched.
 */
export async function verifySignature(
  jws: CompactJws,
  keys: IssuerKeys,
  algorithms: ReadonlySet<string>,
): Promise<KeySet | SignatureFlaw> {
  if (!algorithms.has(jws.algorithm)) return 'unsupported_algorithm';
  const current = keys.current();
  const known = current instanceof Promise ? await current : current;
  const flaw = await signatureFlaw(jws, known);
  if (flaw === undefined) return known;
  const newer = await newerKeys(keys, known, flaw);
  if (newer === known) return flaw;
  return (await signatureFlaw(jws, newer)) ?? newer;
}

async function newerKeys(keys: IssuerKeys, known: KeySet, flaw: SignatureFlaw): Promise<KeySet> {
  try {
    return await keys.newerThan(known);
  } catch (error) {
    if (flaw === 'bad_signature') return known;
    throw error;
  }
}

/** Checks the signature with these keys only; `undefined` if it is valid. */
export async function signatureFlaw(
  { token, algorithm, keyId }: CompactJws,
  keySet: KeySet,
): Promise<SignatureFlaw | undefined> {
  const candidates = keySet.keysFor(algorithm, keyId);
  const keys = candidates instanceof Promise ? await candidates : candidates;
  if (keys.length === 0) return 'unknown_key';
  const dot = token.lastIndexOf('.');
  const signed = Buffer.from(token.slice(0, dot), 'latin1');
  const signature = Buffer.from(token.slice(dot + 1), 'base64url');
  for (const key of keys) if (await isSignedBy(key, algorithm, signed, signature)) return undefined;
  return 'bad_signature';
}
