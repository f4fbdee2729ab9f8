import { calculateJwkThumbprint, type JWK } from 'jose';
import { hasSecretMember } from '../keys/key-flaw.ts';
import { type KeySet, readKeySet } from '../keys/key-set.ts';

/** The public key in the header of a proof. */
export interface DpopKey {
  /** RFC 7638, SHA-256. */
  readonly thumbprint: string;
  readonly keySet: KeySet;
}

/** A cache of proven keys: reading a key costs more than verifying with it, and a client keeps its key. */
export interface DpopKeys {
  get(header: string): DpopKey | undefined;
  /** Call it only for keys that a token is bound to, so that attackers cannot fill the cache. */
  remember(header: string, key: DpopKey): void;
}

const MAX_KEYS = 1024;

/** Caches keys by the header of the proof, which is the same in all proofs of a client. Evicts the oldest first. */
export function createDpopKeys(): DpopKeys {
  const keys = new Map<string, DpopKey>();
  return {
    get: (header) => keys.get(header),
    remember(header, key) {
      if (keys.has(header)) return;
      for (const oldest of keys.keys()) {
        if (keys.size < MAX_KEYS) break;
        keys.delete(oldest);
      }
      keys.set(header, key);
    },
  };
}

/** Why a key proves nothing: it is no public key that its holder alone can sign with, or it is not the token's. */
export type DpopKeyFlaw = 'invalid' | 'wrong_key';

/**
 * Reads the `jwk` header of a proof: a public key without private members (RFC 9449 §4.3, 7), and without a weakness that
 * lets others sign. The thumbprint comes first: a key that no token is bound to costs no more than that.
 * @param expected - the thumbprint of the key that the token is bound to.
 */
export async function readDpopKey(jwk: unknown, expected: string): Promise<DpopKey | DpopKeyFlaw> {
  if (typeof jwk !== 'object' || jwk === null || hasSecretMember(jwk)) return 'invalid';
  const thumbprint = await thumbprintOf(jwk as JWK);
  if (thumbprint !== expected) return thumbprint === undefined ? 'invalid' : 'wrong_key';
  const keySet = readKeySet({ keys: [jwk] });
  return keySet === undefined ? 'invalid' : { thumbprint, keySet };
}

/** `undefined` where jose throws: for members that are not ASCII, which no real key has. */
async function thumbprintOf(jwk: JWK): Promise<string | undefined> {
  try {
    return await calculateJwkThumbprint(jwk);
  } catch {
    return undefined;
  }
}
