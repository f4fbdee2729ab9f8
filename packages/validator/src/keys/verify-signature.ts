import type { RejectionReason } from '@crossfade/core';
import type { CompactJws } from '../jwt/compact-jws.ts';
import { isSignedBy } from './is-signed-by.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import type { KeySet } from './key-set.ts';

/** Why a signature is not accepted. */
export type SignatureFlaw = Extract<RejectionReason, 'unknown_key' | 'bad_signature' | 'unsupported_algorithm'>;

/**
 * Verifies the signature of a JWS with its issuer's keys. An unknown key triggers one refetch; so does a bad signature
 * without `kid`, because nothing else shows that the key has changed.
 * @returns the key set that verified the signature, or the flaw.
 * @throws `UnavailableError` when there are no keys and none can be fetched.
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
  if (flaw === 'bad_signature' && jws.keyId !== undefined) return flaw;
  const newer = await keys.newerThan(known);
  if (newer === known) return flaw;
  return (await signatureFlaw(jws, newer)) ?? newer;
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
