import { type Clock, UnavailableError } from '@crossfade/core';
import { createTokenBucket } from '../http/token-bucket.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { areSameKeys, type KeySet, readKeySet } from './key-set.ts';
import type { KeyStore } from './key-store.ts';

/** A newly published key is taken within the refill time, however many unknown ones were asked for before it. */
const FETCH_BUDGET = { burst: 5, refillMs: 4000 };

export interface RemoteKeysOptions {
  readonly issuer: string;
  /** Fetches the issuer's key set. Any error counts as a failure of the issuer's. */
  readonly fetchKeySet: (signal: AbortSignal) => Promise<KeySet>;
  /** After this long a fetch is given up, all of its requests together. */
  readonly timeoutMs: number;
  /** From this age on, use makes for a fetch in the background. */
  readonly refreshAfterMs: number;
  /** From this age on, keys are not used at all. */
  readonly maxAgeMs: number;
  readonly store?: KeyStore | undefined;
  readonly now: Clock;
}

/**
 * Keys that are fetched when first needed, again in the background as they age in use, and at once for a key nobody
 * knows. What was fetched stays good for a while when the issuer can't be reached. One fetch at a time.
 */
export function remoteKeys(options: RemoteKeysOptions): IssuerKeys {
  const { issuer, fetchKeySet, timeoutMs, refreshAfterMs, maxAgeMs, store, now } = options;
  const budget = createTokenBucket({ ...FETCH_BUDGET, now });
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
    if (fetching === undefined && budget.take()) fetching = fetchNow();
    return fetching;
  }

  function unavailable(): UnavailableError {
    return new UnavailableError(`the keys of ${issuer} can not be fetched`, lastFailure ?? {});
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

  /** A seed can only help: without one, or with a broken one, keys are fetched. */
  async function loadSnapshot(): Promise<void> {
    try {
      const snapshot = await store?.load(issuer);
      const keySet = readKeySet(snapshot?.jwks);
      const fetchedAtMs = Number(snapshot?.fetchedAtMs);
      if (held === undefined && keySet !== undefined && fetchedAtMs <= now()) held = { keySet, fetchedAtMs };
    } catch {
      // The issuer will tell.
    }
  }

  async function saveSnapshot({ keySet, fetchedAtMs }: NonNullable<typeof held>): Promise<void> {
    try {
      await store?.save(issuer, { jwks: keySet.jwks, fetchedAtMs });
    } catch {
      // The next process fetches for itself.
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
