import { type Clock, UnavailableError } from '@crossfade/core';
import { createTimeout } from '../http/timeout.ts';
import { createTokenBucket } from '../http/token-bucket.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { describeKeyFailure } from './key-failure.ts';
import { areSameKeys, type KeySet } from './key-set.ts';
import type { FetchedKeySet } from './key-set-fetcher.ts';
import { type DatedKeySet, openKeySnapshots } from './key-snapshots.ts';
import type { KeyStore } from './key-store.ts';
import { UnusableKeysError } from './unusable-keys-error.ts';

/**
 * A key that is published, or replaced under its `kid`, is found within the refill time, however many forged tokens came
 * before: each fetch brings the whole key set, whichever token triggers it.
 */
const FETCH_LIMIT = { burst: 5, refillMs: 4000 };
/**
 * How many callers may wait for newer keys at once: everyone can send a token that no known key verifies, and each waits
 * as long as the issuer hangs.
 */
const MAX_WAITING = 1000;
/** The issuer's `Cache-Control` moves the refresh between this and `refreshAfterMs`. */
const LEAST_REFRESH_MS = 10_000;

export interface RemoteKeysOptions {
  readonly issuer: string;
  /** The server that is asked for them, for messages. Default: `issuer`. */
  readonly server?: string;
  /** Fetches the issuer's key set. Every error counts as a failure of the issuer. */
  readonly fetchKeySet: (signal: AbortSignal) => Promise<FetchedKeySet>;
  /** Limits one fetch, with all of its requests. */
  readonly timeoutMs: number;
  /** From this age on, using the keys starts a fetch in the background; earlier if the issuer says so. */
  readonly refreshAfterMs: number;
  /** From this age on, the keys are not used. */
  readonly maxAgeMs: number;
  readonly store?: KeyStore | undefined;
  readonly now: Clock;
}

interface HeldKeys extends DatedKeySet {
  readonly refreshAfterMs: number;
}

/**
 * Keys that are fetched when first needed, and refreshed in the background as they age. A token that they do not verify
 * triggers one refetch. Fetched keys remain usable for a while if the issuer is unreachable. One fetch at a time.
 */
export function remoteKeys(options: RemoteKeysOptions): IssuerKeys {
  const { issuer, server = issuer, fetchKeySet, timeoutMs, refreshAfterMs, maxAgeMs, store, now } = options;
  const snapshots = store === undefined ? undefined : openKeySnapshots(issuer, store);
  const bucket = createTokenBucket({ ...FETCH_LIMIT, now });
  const timeout = createTimeout(timeoutMs);
  const refreshes = { success: 0, failure: 0 };
  let held: HeldKeys | undefined;
  let loading: Promise<void> | undefined;
  let fetching: Promise<KeySet> | undefined;
  let lastFailure: { readonly cause: unknown } | undefined;
  let waiting = 0;
  let isClosed = false;

  async function fetchNow(): Promise<KeySet> {
    try {
      const fetched = await timeout.run(fetchKeySet);
      const keySet = held !== undefined && areSameKeys(held.keySet, fetched.keySet) ? held.keySet : fetched.keySet;
      held = { keySet, fetchedAtMs: now(), refreshAfterMs: refreshTime(fetched.freshForMs) };
      refreshes.success += 1;
      lastFailure = undefined;
      void snapshots?.save(held);
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
    if (fetching === undefined && !isClosed && bucket.take()) fetching = fetchNow();
    return fetching;
  }

  async function waitFor(fetched: Promise<KeySet>): Promise<KeySet> {
    waiting += 1;
    try {
      return await fetched;
    } finally {
      waiting -= 1;
    }
  }

  function refreshTime(freshForMs = refreshAfterMs): number {
    return Math.min(Math.max(freshForMs, LEAST_REFRESH_MS), refreshAfterMs);
  }

  function unavailable(): UnavailableError {
    const cause = lastFailure?.cause;
    const what = cause instanceof UnusableKeysError ? `cannot be used: ${cause.message}` : 'cannot be fetched';
    return new UnavailableError(`the keys of ${issuer} ${what}`, { dependency: 'keys', ...lastFailure });
  }

  function heldAt(nowMs: number): HeldKeys | undefined {
    return held !== undefined && nowMs - held.fetchedAtMs < maxAgeMs ? held : undefined;
  }

  function usable(nowMs: number): KeySet | undefined {
    const known = heldAt(nowMs);
    if (known === undefined) return undefined;
    if (nowMs - known.fetchedAtMs >= known.refreshAfterMs) fetchOnce()?.catch(() => {});
    return known.keySet;
  }

  async function firstKeys(): Promise<KeySet> {
    loading ??= loadSnapshot();
    await loading;
    return usable(now()) ?? fetchOnce() ?? Promise.reject(unavailable());
  }

  async function loadSnapshot(): Promise<void> {
    const snapshot = await snapshots?.load();
    if (held === undefined && snapshot !== undefined && snapshot.fetchedAtMs <= now()) {
      held = { ...snapshot, refreshAfterMs };
    }
  }

  return {
    current: () =>
      usable(now()) ?? (snapshots === undefined ? (fetchOnce() ?? Promise.reject(unavailable())) : firstKeys()),
    isCurrent: (keySet, nowMs) => usable(nowMs) === keySet,
    async newerThan(known) {
      if (held !== undefined && held.keySet !== known) return held.keySet;
      const fetched = waiting < MAX_WAITING ? fetchOnce() : undefined;
      if (fetched !== undefined) return waitFor(fetched);
      if (fetching !== undefined || lastFailure !== undefined) throw unavailable();
      return known;
    },
    status: () => ({
      ageSeconds: held === undefined ? null : Math.max(0, (now() - held.fetchedAtMs) / 1000),
      refreshes: { ...refreshes },
    }),
    missing() {
      if (heldAt(now()) !== undefined) return undefined;
      if (lastFailure === undefined) return { what: `${server} was not asked yet`, isDefinite: false };
      const { what, isDefinite } = describeKeyFailure(lastFailure.cause);
      return { what: `${server} ${what}`, isDefinite };
    },
    close: () => {
      isClosed = true;
      timeout.close();
    },
  };
}
