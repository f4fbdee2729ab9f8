import { calculateJwkThumbprint, type JWK } from 'jose';
import { type KeySet, readKeySet } from '../keys/key-set.ts';

/** A public key that a proof shows in its header. */
export interface DpopKey {
  /** RFC 7638, SHA-256. */
  readonly thumbprint: string;
  readonly keySet: KeySet;
}

/** Keys that clients proved to have: to read a key costs more than to verify with it, and a client keeps its key. */
export interface DpopKeys {
  get(header: string): DpopKey | undefined;
  /** Only for keys that a token is bound to: nobody else may take up room. */
  remember(header: string, key: DpopKey): void;
}

const MAX_KEYS = 1024;

/** Remembers keys by the header of the proof, which is the same in all proofs of a client; the oldest goes first. */
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

/** Reads the `jwk` header of a proof: a public key, and nothing that belongs to a private one (RFC 9449 §4.3, 7). */
export async function readDpopKey(jwk: unknown): Promise<DpopKey | undefined> {
  if (typeof jwk !== 'object' || jwk === null || PRIVATE_MEMBERS.some((name) => Object.hasOwn(jwk, name))) {
    return undefined;
  }
  const keySet = readKeySet({ keys: [jwk] });
  const thumbprint = keySet === undefined ? undefined : await thumbprintOf(jwk as JWK);
  return keySet === undefined || thumbprint === undefined ? undefined : { thumbprint, keySet };
}

/** A member that is no ASCII, which no key has, is an error to jose. */
async function thumbprintOf(jwk: JWK): Promise<string | undefined> {
  try {
    return await calculateJwkThumbprint(jwk);
  } catch {
    return undefined;
  }
}
