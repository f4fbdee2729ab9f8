import { type Clock, UnavailableError } from '@crossfade/core';
import type { ReplayStore } from './replay-store.ts';

/** Options of {@link createMemoryReplayStore}. */
export interface MemoryReplayStoreOptions {
  /** Claims held at a time. Default: 500,000. */
  readonly maxEntries?: number;
  /** Default: `Date.now`. */
  readonly now?: Clock;
}

const RETRY_AFTER_SECONDS = 5;

/**
 * Creates a replay store in the memory of this process. It keeps every claim until it expires. When full, it rejects
 * new claims with `UnavailableError`, because evicting one would let its replay through.
 */
export function createMemoryReplayStore(options: MemoryReplayStoreOptions = {}): ReplayStore {
  const { maxEntries = 500_000, now = Date.now } = options;
  const expiresAtMs = new Map<string, number>();
  const keysBySecond = new Map<number, string[]>();
  let sweptAt = Number.NEGATIVE_INFINITY;

  function sweep(nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    if (second === sweptAt) return;
    sweptAt = second;
    for (const [due, keys] of keysBySecond) {
      if (due > second) continue;
      keysBySecond.delete(due);
      for (const key of keys) if ((expiresAtMs.get(key) ?? nowMs) <= nowMs) expiresAtMs.delete(key);
    }
  }

  function remember(key: string, untilMs: number): void {
    expiresAtMs.set(key, untilMs);
    // One second late, so that all keys of that second have expired when it is swept.
    const due = Math.floor(untilMs / 1000) + 1;
    const keys = keysBySecond.get(due);
    if (keys === undefined) keysBySecond.set(due, [key]);
    else keys.push(key);
  }

  return {
    claim(key, ttlSeconds) {
      const nowMs = now();
      sweep(nowMs);
      if ((expiresAtMs.get(key) ?? nowMs) > nowMs) return false;
      if (expiresAtMs.size >= maxEntries) {
        throw new UnavailableError('the replay store is full', { retryAfterSeconds: RETRY_AFTER_SECONDS });
      }
      remember(key, nowMs + ttlSeconds * 1000);
      return true;
    },
  };
}
