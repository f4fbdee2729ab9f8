import { settleWithin } from '../http/timeout.ts';
import { type KeySet, readKeySet } from './key-set.ts';
import type { KeySnapshot, KeyStore } from './key-store.ts';

/** A key set and when it was fetched. */
export interface DatedKeySet {
  readonly keySet: KeySet;
  /** Milliseconds since the epoch. */
  readonly fetchedAtMs: number;
}

/** One issuer's keys in a {@link KeyStore}. Errors of the store are ignored. */
export interface KeySnapshots {
  /** `undefined` without a readable snapshot, also where the store hangs; the keys are fetched then. */
  load(): Promise<DatedKeySet | undefined>;
  /** Skipped while the store is busy: on a hung mount each call would occupy one more of Node's few threads. */
  save(fetched: DatedKeySet): Promise<void>;
}

/** A store that takes longer is of no use to the request that waits. */
const LOAD_TIMEOUT_MS = 1000;

export function openKeySnapshots(issuer: string, store: KeyStore, timeoutMs = LOAD_TIMEOUT_MS): KeySnapshots {
  let isBusy = false;

  async function exclusively<T>(work: () => Promise<T> | T): Promise<T> {
    isBusy = true;
    try {
      return await work();
    } finally {
      isBusy = false;
    }
  }

  return {
    async load() {
      try {
        const loading = exclusively(() => store.load(issuer));
        return readSnapshot(await settleWithin(timeoutMs, loading));
      } catch {
        return undefined;
      }
    },
    async save({ keySet, fetchedAtMs }) {
      if (isBusy) return;
      try {
        await exclusively(() => store.save(issuer, { jwks: keySet.jwks, fetchedAtMs }));
      } catch {
        // The next process fetches the keys.
      }
    },
  };
}

function readSnapshot(snapshot: KeySnapshot | undefined): DatedKeySet | undefined {
  const keySet = readKeySet(snapshot?.jwks);
  return keySet === undefined ? undefined : { keySet, fetchedAtMs: Number(snapshot?.fetchedAtMs) };
}
