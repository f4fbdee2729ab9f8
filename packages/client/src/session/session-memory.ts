import type { Clock } from '@crossfade/core';
import type { StoredSession } from './session-store.ts';

/** Sessions that this process has seen, sealed, for the time that the store cannot be reached, or has lost a write. */
export interface SessionMemory {
  /** Remembers what the store holds. @param untilMs when its access token expires. */
  seen(key: string, stored: StoredSession, untilMs: number): void;
  /**
   * Remembers the result of a refresh until it is written, also past the end of its access token: it holds the only valid
   * refresh token.
   * @param spent the version that it replaces.
   */
  refreshed(key: string, stored: StoredSession, spent: string): void;
  /** Notes that the store has the result of a refresh. @param untilMs when its access token expires. */
  written(key: string, untilMs: number): void;
  get(key: string): StoredSession | undefined;
  /** Returns the result of a refresh that was made from this version: not written yet, or lost by the store. */
  after(key: string, version: string): StoredSession | undefined;
  delete(key: string): void;
  /** Forgets a session that has ended, and remembers that: a refresh in progress does not bring it back. */
  end(key: string): void;
  endWhere(isMeant: (stored: StoredSession) => boolean): void;
  hasEnded(key: string): boolean;
}

interface Entry {
  readonly stored: StoredSession;
  readonly untilMs: number;
  readonly spent?: { readonly version: string; readonly untilMs: number };
}

/** How many characters of sealed sessions are remembered: some 5,000 sessions. */
const MAX_LENGTH = 32 * 1024 * 1024;
/** More sessions than end during one refresh. */
const MAX_ENDED = 10_000;
/** How long an outage of the store may last in the middle of a refresh. */
const UNWRITTEN_MS = 3_600_000;
/** How long the result of a refresh outlives its write: a store that fails over may lose its last second. */
const KEEP_MS = 30_000;

export function createSessionMemory(now: Clock, maxLength = MAX_LENGTH): SessionMemory {
  const entries = new Map<string, Entry>();
  const ended = new Set<string>();
  let length = 0;

  function find(key: string): Entry | undefined {
    const entry = entries.get(key);
    if (entry === undefined || now() < entry.untilMs) return entry;
    remove(key);
    return undefined;
  }

  function remove(key: string): void {
    length -= entries.get(key)?.stored.sealed.length ?? 0;
    entries.delete(key);
  }

  /** The oldest goes first: a session moves to the end each time that it is seen. */
  function put(key: string, entry: Entry): void {
    remove(key);
    if (ended.has(key)) return;
    entries.set(key, entry);
    length += entry.stored.sealed.length;
    for (const oldest of entries.keys()) {
      if (length <= maxLength) return;
      remove(oldest);
    }
  }

  function end(key: string): void {
    remove(key);
    ended.add(key);
    const [oldest] = ended;
    if (ended.size > MAX_ENDED && oldest !== undefined) ended.delete(oldest);
  }

  return {
    seen(key, stored, untilMs) {
      const known = find(key);
      const spent = known?.stored.version === stored.version ? known.spent : undefined;
      put(key, { stored, untilMs, ...(spent !== undefined && { spent }) });
    },
    refreshed(key, stored, spent) {
      const untilMs = now() + UNWRITTEN_MS;
      put(key, { stored, untilMs, spent: { version: spent, untilMs } });
    },
    written(key, untilMs) {
      const entry = find(key);
      if (entry?.spent === undefined) return;
      put(key, { ...entry, untilMs, spent: { ...entry.spent, untilMs: now() + KEEP_MS } });
    },
    get: (key) => find(key)?.stored,
    after(key, version) {
      const entry = find(key);
      const isNext = entry?.spent?.version === version && now() < entry.spent.untilMs;
      return isNext ? entry.stored : undefined;
    },
    delete: remove,
    end,
    endWhere(isMeant) {
      for (const [key, { stored }] of entries) if (isMeant(stored)) end(key);
    },
    hasEnded: (key) => ended.has(key),
  };
}
