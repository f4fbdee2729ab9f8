import { type Clock, ConfigError } from '@crossfade/core';
import { customOption, expected, schemaProblems } from '@crossfade/core/schema';
import { z } from 'zod';
import type { SessionStore, StoredSession } from './session-store.ts';
import { waitForLock } from './wait-for-lock.ts';

/** Options of {@link createMemorySessionStore}. */
export interface MemorySessionStoreOptions {
  /** How many sessions it holds. Default 10,000, each of some 5 kB. When full, it drops those that would end first. */
  readonly maxSessions?: number;
  readonly now?: Clock;
}

interface Entry {
  readonly session: StoredSession;
  readonly endsAtMs: number;
}

const MAX = 'a whole number above 0';
const optionsSchema = z.strictObject({
  maxSessions: z.int(expected(MAX)).min(1, expected(MAX)).default(10_000),
  now: customOption<Clock>((value) => typeof value === 'function', 'a function that returns milliseconds').default(
    () => Date.now,
  ),
});
const SWEEP_EVERY_MS = 60_000;

/**
 * Creates a store of sessions in the memory of this process: for one instance, and gone when it ends.
 * @throws {@link ConfigError} when an option is wrong.
 */
export function createMemorySessionStore(options: MemorySessionStoreOptions = {}): SessionStore {
  const parsed = optionsSchema.safeParse(options);
  if (!parsed.success) throw new ConfigError('session store', schemaProblems(parsed.error, optionsSchema));
  const { maxSessions, now } = parsed.data;
  const entries = new Map<string, Entry>();
  const locks = new Map<string, { readonly endsAtMs: number }>();
  let sweepAtMs = 0;

  function find(key: string): Entry | undefined {
    const entry = entries.get(key);
    if (entry !== undefined && now() < entry.endsAtMs) return entry;
    entries.delete(key);
    return undefined;
  }

  function sweep(nowMs: number): void {
    sweepAtMs = nowMs + SWEEP_EVERY_MS;
    for (const map of [entries, locks]) {
      for (const [key, { endsAtMs }] of map) if (endsAtMs <= nowMs) map.delete(key);
    }
  }

  function makeRoom(nowMs: number): void {
    if (nowMs >= sweepAtMs || entries.size >= maxSessions) sweep(nowMs);
    if (entries.size < maxSessions) return;
    // Logins in progress before sessions, which last longer.
    let soonest: string | undefined;
    let endsAtMs = Number.POSITIVE_INFINITY;
    for (const [key, entry] of entries) {
      if (entry.endsAtMs < endsAtMs) [soonest, endsAtMs] = [key, entry.endsAtMs];
    }
    if (soonest !== undefined) entries.delete(soonest);
  }

  return {
    async get(key) {
      return find(key)?.session;
    },
    async create(key, session, lifetimeMs) {
      makeRoom(now());
      entries.set(key, { session, endsAtMs: now() + lifetimeMs });
    },
    async replace(key, session, version, lifetimeMs) {
      const entry = find(key);
      if (entry?.session.version !== version) return false;
      const endsAtMs = lifetimeMs === undefined ? entry.endsAtMs : now() + lifetimeMs;
      entries.set(key, { session, endsAtMs });
      return true;
    },
    async delete(key) {
      return find(key) !== undefined && entries.delete(key);
    },
    async deleteWhere(where) {
      sweep(now());
      const isMeant = ({ session }: Entry) => ('sid' in where ? session.sid === where.sid : session.sub === where.sub);
      const keys = [...entries].filter(([, entry]) => isMeant(entry)).map(([key]) => key);
      for (const key of keys) entries.delete(key);
      return keys.length;
    },
    async lock(key, waitMs, holdMs) {
      const lock = { endsAtMs: 0 };
      const isTaken = await waitForLock(() => {
        const holder = locks.get(key);
        if (holder !== undefined && now() < holder.endsAtMs) return false;
        lock.endsAtMs = now() + holdMs;
        locks.set(key, lock);
        return true;
      }, waitMs);
      if (!isTaken) return undefined;
      return async () => {
        if (locks.get(key) === lock) locks.delete(key);
      };
    },
  };
}
