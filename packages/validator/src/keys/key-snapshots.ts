import { type KeySet, readKeySet } from './key-set.ts';
import type { KeyStore } from './key-store.ts';

/** A key set and when it was fetched. */
export interface DatedKeySet {
  readonly keySet: KeySet;
  /** Milliseconds since the epoch. */
  readonly fetchedAtMs: number;
}

/** One issuer's keys in a {@link KeyStore}. Errors of the store are ignored. */
export interface KeySnapshots {
  /** `undefined` without a readable snapshot; the keys are fetched then. */
  load(): Promise<DatedKeySet | undefined>;
  save(fetched: DatedKeySet): Promise<void>;
}

export function openKeySnapshots(issuer: string, store: KeyStore): KeySnapshots {
  return {
    async load() {
      try {
        const snapshot = await store.load(issuer);
        const keySet = readKeySet(snapshot?.jwks);
        return keySet === undefined ? undefined : { keySet, fetchedAtMs: Number(snapshot?.fetchedAtMs) };
      } catch {
        return undefined;
      }
    },
    async save({ keySet, fetchedAtMs }) {
      try {
        await store.save(issuer, { jwks: keySet.jwks, fetchedAtMs });
      } catch {
        // The next process fetches the keys.
      }
    },
  };
}
