import type { RefreshWriter } from './refresh-writer.ts';
import { sealSession } from './sealed-session.ts';
import type { SessionKey } from './session-key.ts';
import type { ReadSession, SessionReader } from './session-reader.ts';
import type { SessionRecord } from './session-record.ts';
import type { SessionStore } from './session-store.ts';

/** The lock of the session was not free in time: another instance changes it. */
export const BUSY = Symbol('busy');

/** Writes a changed session. Returns what the store has from now on; `undefined` if the session has ended. */
export type WriteSession = (record: SessionRecord) => Promise<ReadSession | undefined>;

/** Changes sessions, each by one caller at a time over all instances. */
export interface SessionChanger {
  /**
   * Takes the lock, and reads the session again: an earlier holder may have changed it.
   * @param work returns the session as it is, or what `write` returns. It writes at most once.
   * @returns what `work` returns; `undefined` if there is no session; {@link BUSY} if the lock was not free within `waitMs`.
   */
  change(
    key: SessionKey,
    waitMs: number,
    work: (session: ReadSession, write: WriteSession) => Promise<ReadSession | undefined>,
  ): Promise<ReadSession | undefined | typeof BUSY>;
}

/** @param holdMs of the lock: it outlives the requests to the provider, and the write. */
export function createSessionChanger(
  { store, reader, writer }: { store: SessionStore; reader: SessionReader; writer: RefreshWriter },
  holdMs: number,
): SessionChanger {
  return {
    async change(key, waitMs, work) {
      const release = await store.lock(key.storeKey, waitMs, holdMs);
      if (release === undefined) return BUSY;
      // While a result is still to be written the lock is held.
      let isWriting = false;
      try {
        const spent = await reader.readStored(key);
        if (spent === undefined) return undefined;
        return await work(spent, (record) => {
          isWriting = true;
          const stored = sealSession(record, key);
          return writer.write({ key, spent, next: { record, stored, storeVersion: stored.version } }, release);
        });
      } finally {
        if (!isWriting) void release();
      }
    },
  };
}
