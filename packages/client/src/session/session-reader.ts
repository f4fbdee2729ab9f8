import { type Clock, UnavailableError } from '@crossfade/core';
import { settleWithin } from '../provider/settle-within.ts';
import { openSession } from './sealed-session.ts';
import type { SessionKey } from './session-key.ts';
import type { SessionMemory } from './session-memory.ts';
import type { SessionRecord } from './session-record.ts';
import type { SessionStore, StoredSession } from './session-store.ts';

/** How long sessions last. */
export interface SessionLifetimes {
  readonly idleMs: number;
  readonly absoluteMs: number;
}

/** A session as it was read. */
export interface ReadSession {
  readonly record: SessionRecord;
  readonly stored: StoredSession;
  /** The version that the store has: of `stored`, or of the one before it, if the store misses the last refresh. */
  readonly storeVersion: string;
  /** Why it comes from the memory of this process and may be out of date: the store cannot be reached. */
  readonly outage?: UnavailableError;
}

/** Reads sessions. */
export interface SessionReader {
  /**
   * Reads a session. One that this process knows comes from its memory if the store is down, or slow.
   * @throws {@link UnavailableError} when the store cannot be reached, and this process has no valid token in memory.
   */
  read(key: SessionKey): Promise<ReadSession | undefined>;
  /** Reads a session from the store itself. @throws {@link UnavailableError} when it cannot be reached. */
  readStored(key: SessionKey): Promise<ReadSession | undefined>;
  /** What a session has left, from now on, if it is used now. */
  lifetimeMs(record: SessionRecord): number;
}

/** How long the store is waited for where this process knows the session. */
const KNOWN_WAIT_MS = 300;
/** For how long after that, or after a failure, such a session comes from memory without asking. */
const OUTAGE_MS = 1000;

export function createSessionReader(
  store: SessionStore,
  memory: SessionMemory,
  { idleMs, absoluteMs }: SessionLifetimes,
  now: Clock,
): SessionReader {
  let outage: { readonly error: UnavailableError; readonly untilMs: number } | undefined;

  function endsAtMs({ createdAtMs, touchedAtMs }: SessionRecord): number {
    return Math.min(touchedAtMs + idleMs, createdAtMs + absoluteMs);
  }

  function opened(stored: StoredSession, key: SessionKey): SessionRecord | undefined {
    const record = openSession(stored, key);
    return record !== undefined && now() < endsAtMs(record) ? record : undefined;
  }

  function remembered(key: SessionKey, error: UnavailableError): ReadSession | undefined {
    const stored = memory.get(key.storeKey);
    const record = stored && opened(stored, key);
    return stored && record && { record, stored, storeVersion: stored.version, outage: error };
  }

  /** One request a second asks a store that is down. */
  function outageToSkip(): UnavailableError | undefined {
    if (outage === undefined) return undefined;
    const leftMs = outage.untilMs - now();
    if (leftMs > 0 && leftMs <= OUTAGE_MS) return outage.error;
    outage = { ...outage, untilMs: now() + OUTAGE_MS };
    return undefined;
  }

  async function readStored(key: SessionKey): Promise<ReadSession | undefined> {
    const { storeKey } = key;
    const stored = await store.get(storeKey);
    outage = undefined;
    const newest = stored && (memory.after(storeKey, stored.version) ?? stored);
    const record = newest && opened(newest, key);
    if (stored === undefined || newest === undefined || record === undefined) {
      memory.delete(storeKey);
      return undefined;
    }
    if (newest === stored) memory.seen(storeKey, stored, record.session.token.expiresAt * 1000);
    return { record, stored: newest, storeVersion: stored.version };
  }

  return {
    readStored,
    async read(key) {
      const skipped = outageToSkip();
      const known = skipped && remembered(key, skipped);
      if (known !== undefined) return known;
      try {
        const isKnown = memory.get(key.storeKey) !== undefined;
        return await (isKnown ? settleWithin(KNOWN_WAIT_MS, readStored(key), slowError) : readStored(key));
      } catch (error) {
        if (!(error instanceof UnavailableError)) throw error;
        outage = { error, untilMs: now() + OUTAGE_MS };
        const seen = remembered(key, error);
        if (seen === undefined) throw error;
        return seen;
      }
    },
    lifetimeMs: ({ createdAtMs }) => Math.min(idleMs, createdAtMs + absoluteMs - now()),
  };
}

function slowError(): UnavailableError {
  return new UnavailableError('the session store does not respond in time', { retryAfterSeconds: 1 });
}
