import { type Clock, UnavailableError } from '@crossfade/core';
import { createTokenBucket } from '../http/token-bucket.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { areSameKeys, type KeySet, readKeySet } from './key-set.ts';
import type { KeyStore } from './key-store.ts';

/** A newly published key is found within the refill time, however many unknown keys were requested before. */
const FETCH_LIMIT = { burst: 5, refillMs: 4000 };

export interface RemoteKeysOptions {
  readonly issuer: string;
  /** Fetches the issuer's key set. Every error counts as a failure of the issuer. */
  readonly fetchKeySet: (signal: AbortSignal) => Promise<KeySet>;
  /** Limits one fetch, with all of its requests. */
  readonly timeoutMs: number;
  /** From this age on, using the keys starts a fetch in the background. */
  readonly refreshAfterMs: number;
  /** From this age on, the keys are not used. */
  readonly maxAgeMs: number;
  readonly store?: KeyStore | undefined;
  readonly now: Clock;
}

/**
 * Keys that are fetched when first needed, and refreshed in the background as they age. An unknown key triggers one
 * refetch. Fetched keys remain usable for a while if the issuer is unreachable. One fetch at a time.
 */
export function remoteKeys(options: RemoteKeysOptions): IssuerKeys {
  const { issuer, fetchKeySet, timeoutMs, refreshAfterMs, maxAgeMs, store, now } = options;
  const bucket = createTokenBucket({ ...FETCH_LIMIT, now });
  const closing = new AbortController();
  const refreshes = { success: 0, failure: 0 };
  let held: { readonly keySet: KeySet; readonly fetchedAtMs: number } | undefined;
  let loading: Promise<void> | undefined;
  let fetching: Promise<KeySet> | undefined;
  let lastFailure: { readonly cause: unknown } | undefined;

  async function fetchNow(): Promise<KeySet> {
    try {
      const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(timeoutMs)]);
      const fetched = await fetchKeySet(signal);
      const keySet = held !== undefined && areSameKeys(held.keySet, fetched) ? held.keySet : fetched;
      held = { keySet, fetchedAtMs: now() };
      refreshes.success += 1;
      lastFailure = undefined;
      void saveSnapshot(held);
      return keySet;
    } catch (cause) {
      refreshes.failure += 1;
      lastFailure = { cause };
      throw unavailable();
    } finally {
      fetching = undefined;
    }
  }

  function fetchOnce(): Promise<KeySet> | undefined {
    if (fetching === undefined && bucket.take()) fetching = fetchNow();
    return fetching;
  }

  function unavailable(): UnavailableError {
    return new UnavailableError(`the keys of ${issuer} cannot be fetched`, lastFailure ?? {});
  }

  function usable(nowMs: number): KeySet | undefined {
    if (held === undefined) return undefined;
    const ageMs = nowMs - held.fetchedAtMs;
    if (ageMs >= maxAgeMs) return undefined;
    if (ageMs >= refreshAfterMs) fetchOnce()?.catch(() => {});
    return held.keySet;
  }

  async function firstKeys(): Promise<KeySet> {
    loading ??= loadSnapshot();
    await loading;
    return usable(now()) ?? fetchOnce() ?? Promise.reject(unavailable());
  }

  /** Without a usable snapshot, the keys are fetched. */
  async function loadSnapshot(): Promise<void> {
    try {
      const snapshot = await store?.load(issuer);
      const keySet = readKeySet(snapshot?.jwks);
      const fetchedAtMs = Number(snapshot?.fetchedAtMs);
      if (held === undefined && keySet !== undefined && fetchedAtMs <= now()) held = { keySet, fetchedAtMs };
    } catch {
      // The keys are fetched instead.
    }
  }

  async function saveSnapshot({ keySet, fetchedAtMs }: NonNullable<typeof held>): Promise<void> {
    try {
      await store?.save(issuer, { jwks: keySet.jwks, fetchedAtMs });
    } catch {
      // The next process fetches the keys.
    }
  }

  return {
    current: () =>
      usable(now()) ?? (store === undefined ? (fetchOnce() ?? Promise.reject(unavailable())) : firstKeys()),
    isCurrent: (keySet, nowMs) => usable(nowMs) === keySet,
    async newerThan(known) {
      if (held !== undefined && held.keySet !== known) return held.keySet;
      const newer = await fetchOnce();
      if (newer !== undefined) return newer;
      if (lastFailure !== undefined) throw unavailable();
      return known;
    },
    status: () => ({
      ageSeconds: held === undefined ? null : Math.max(0, (now() - held.fetchedAtMs) / 1000),
      refreshes: { ...refreshes },
    }),
    close: () => closing.abort(),
  };
}
