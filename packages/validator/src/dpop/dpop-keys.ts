import { calculateJwkThumbprint, type JWK } from 'jose';
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

const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

/** Reads the `jwk` header of a proof: a public key without private members (RFC 9449 §4.3, 7). */
export async function readDpopKey(jwk: unknown): Promise<DpopKey | undefined> {
  if (typeof jwk !== 'object' || jwk === null || PRIVATE_MEMBERS.some((name) => Object.hasOwn(jwk, name))) {
    return undefined;
  }
  const keySet = readKeySet({ keys: [jwk] });
  const thumbprint = keySet === undefined ? undefined : await thumbprintOf(jwk as JWK);
  return keySet === undefined || thumbprint === undefined ? undefined : { thumbprint, keySet };
}

/** `undefined` where jose throws: for members that are not ASCII, which no real key has. */
async function thumbprintOf(jwk: JWK): Promise<string | undefined> {
  try {
    return await calculateJwkThumbprint(jwk);
  } catch {
    return undefined;
  }
}
