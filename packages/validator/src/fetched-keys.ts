import { type Clock, UnavailableError } from '@crossfade/core';
import { createFetchBudget } from './fetch-budget.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { areSameKeys, type KeySet } from './key-set.ts';

const REFRESH_AFTER_MS = 600_000;
const USABLE_FOR_MS = 86_400_000;
/** A newly published key is taken within the refill time, however many unknown ones were asked for before it. */
const FETCH_BUDGET = { burst: 5, refillMs: 4000 };

export interface FetchedKeysOptions {
  readonly issuer: string;
  /** Fetches the issuer's key set. Any error counts as a failure of the issuer's. */
  readonly fetchKeySet: (signal: AbortSignal) => Promise<KeySet>;
  /** After this long a fetch is given up, all of its requests together. */
  readonly timeoutMs: number;
  readonly now: Clock;
}

/**
 * Keys that are fetched when first needed, again in the background every ten minutes of use, and at once for a key
 * nobody knows. What was fetched stays good for 24 hours while the issuer can't be reached. One fetch at a time.
 */
export function fetchedKeys({ issuer, fetchKeySet, timeoutMs, now }: FetchedKeysOptions): IssuerKeys {
  const budget = createFetchBudget({ ...FETCH_BUDGET, now });
  const closing = new AbortController();
  const refreshes = { success: 0, failure: 0 };
  let held: { readonly keySet: KeySet; readonly fetchedAtMs: number } | undefined;
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

  function usable(): KeySet | undefined {
    if (held === undefined) return undefined;
    const ageMs = now() - held.fetchedAtMs;
    if (ageMs >= USABLE_FOR_MS) return undefined;
    if (ageMs >= REFRESH_AFTER_MS) fetchOnce()?.catch(() => {});
    return held.keySet;
  }

  return {
    current: () => usable() ?? fetchOnce() ?? Promise.reject(unavailable()),
    isCurrent: (keySet) => usable() === keySet,
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
