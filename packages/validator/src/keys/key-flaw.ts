import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { isObject } from '@crossfade/core/schema';
import { type RsaFlaw, rsaFlaw } from './rsa-flaw.ts';

/** Why a published key verifies no signature. A closed list, so that a message holds nothing of the key. */
export type KeyFlaw =
  | RsaFlaw
  | 'private or symmetric key'
  | 'use is not sig'
  | 'key_ops without verify'
  | 'kid is not a string'
  | 'unsupported key type or curve'
  | 'alg does not fit the key'
  | 'invalid key material';

/** Members of a key that its holder keeps to themselves (RFC 7518 §6.2.2, §6.3.2, §6.4). */
const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];
/** The supported algorithms of each key type and curve (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2). */
const ALGORITHMS: ReadonlyMap<string, readonly string[]> = new Map([
  ['RSA', ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']],
  ['EC P-256', ['ES256']],
  ['EC P-384', ['ES384']],
  ['EC P-521', ['ES512']],
  ['OKP Ed25519', ['EdDSA', 'Ed25519']],
]);

/** A key as an outsider gives it: nothing in it is checked. */
type UncheckedJwk = Readonly<Record<string, unknown>>;

/**
 * Checks that a JWK (RFC 7517 §4) is a public key that a supported algorithm verifies with, and that only its holder can
 * sign with. `undefined` if it is. Certificates in it (`x5c`, `x5u`) are not looked at: the key stands for itself.
 */
export function keyFlaw(jwk: unknown): KeyFlaw | undefined {
  if (!isObject(jwk)) return 'unsupported key type or curve';
  return memberFlaw(jwk) ?? algorithmFlaw(jwk) ?? materialFlaw(jwk);
}

/** Whether a JWK includes private material. It then proves nothing: every reader can sign with it. */
export function hasSecretMember(jwk: object): boolean {
  return SECRET_MEMBERS.some((name) => Object.hasOwn(jwk, name) && Reflect.get(jwk, name) !== undefined);
}

function memberFlaw({ kid, use, key_ops: operations, ...members }: UncheckedJwk): KeyFlaw | undefined {
  if (hasSecretMember(members)) return 'private or symmetric key';
  if (kid !== undefined && typeof kid !== 'string') return 'kid is not a string';
  if (use !== undefined && use !== 'sig') return 'use is not sig';
  if (operations === undefined || (Array.isArray(operations) && operations.includes('verify'))) return undefined;
  return 'key_ops without verify';
}

function algorithmFlaw({ kty, crv, alg }: UncheckedJwk): KeyFlaw | undefined {
  const algorithms = ALGORITHMS.get(kty === 'RSA' ? kty : `${kty} ${crv}`);
  if (algorithms === undefined) return 'unsupported key type or curve';
  return alg === undefined || algorithms.some((algorithm) => algorithm === alg)
    ? undefined
    : 'alg does not fit the key';
}

/** OpenSSL checks that a point is on its curve, and the length of an Ed25519 key. */
function materialFlaw({ kty, n, e, crv, x, y }: UncheckedJwk): KeyFlaw | undefined {
  if (kty === 'RSA') {
    if (typeof n !== 'string' || typeof e !== 'string') return 'invalid key material';
    const flaw = rsaFlaw(n, e);
    if (flaw !== undefined) return flaw;
  }
  try {
    createPublicKey({ key: { kty, n, e, crv, x, y } as JsonWebKey, format: 'jwk' });
    return undefined;
  } catch {
    return 'invalid key material';
  }
}
