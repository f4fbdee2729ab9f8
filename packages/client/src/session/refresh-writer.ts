import type { LoginSession } from '../login/browser-login.ts';
import { openSession } from './sealed-session.ts';
import type { SessionKey } from './session-key.ts';
import type { SessionMemory } from './session-memory.ts';
import type { ReadSession, SessionReader } from './session-reader.ts';
import type { ReleaseLock, SessionStore } from './session-store.ts';
import { pause } from './wait-for-lock.ts';

/** The result of a refresh: the session after it, and the one that it spent. */
export interface RefreshResult {
  readonly key: SessionKey;
  readonly next: ReadSession;
  readonly spent: ReadSession;
}

/** Writes the results of refreshes: none is lost while it is the only valid one, none overwrites a newer one. */
export interface RefreshWriter {
  /**
   * Writes a result. If the store fails, it goes on in the background, and the result is good meanwhile.
   * @param release is called when there is nothing left to write.
   * @returns what is in the store from now on: the result, or a newer session; `undefined` if the session has ended.
   */
  write(result: RefreshResult, release: ReleaseLock): Promise<ReadSession | undefined>;
  /** Waits for what goes on in the background. */
  settled(): Promise<void>;
}

const FIRST_PAUSE_MS = 200;
/** Short: another instance that comes first after an outage would spend the refresh token a second time. */
const LONGEST_PAUSE_MS = 1000;

/** @param discard gets a session whose tokens are of no use: it ended meanwhile. */
export function createRefreshWriter(
  { store, memory, reader }: { store: SessionStore; memory: SessionMemory; reader: SessionReader },
  discard: (storeKey: string, session: LoginSession) => Promise<void>,
): RefreshWriter {
  const background = new Set<Promise<void>>();

  function goOn(work: Promise<void>): void {
    background.add(work);
    void work.finally(() => background.delete(work));
  }

  async function writeOnce({ key, next, spent }: RefreshResult): Promise<ReadSession | undefined> {
    const { storeKey } = key;
    for (let expected = spent.storeVersion; ; ) {
      if (await store.replace(storeKey, next.stored, expected, reader.lifetimeMs(next.record))) break;
      const current = await store.get(storeKey);
      // Written by an attempt that seemed to fail.
      if (current?.version === next.stored.version) break;
      const record = current && openSession(current, key);
      if (current === undefined || record === undefined) {
        memory.end(storeKey);
        return undefined;
      }
      if (!isOlder(record.session, spent.record.session, next.record.session)) {
        memory.delete(storeKey);
        return { record, stored: current, storeVersion: current.version };
      }
      expected = current.version;
    }
    memory.written(storeKey, next.record.session.token.expiresAt * 1000);
    return next;
  }

  async function writeLater({ storeKey }: SessionKey, result: RefreshResult): Promise<void> {
    const { version } = result.next.stored;
    // Gone when the session has ended.
    const isWanted = () => memory.get(storeKey)?.version === version;
    for (let pauseMs = FIRST_PAUSE_MS; isWanted(); pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      await pause(pauseMs * (0.5 + Math.random()));
      if (!isWanted()) break;
      try {
        await writeOnce(result);
        break;
      } catch {
        // The store is still down.
      }
    }
    if (memory.hasEnded(storeKey)) await discard(storeKey, result.next.record.session);
  }

  return {
    async write(result, release) {
      const { key, next, spent } = result;
      const { storeKey } = key;
      memory.refreshed(storeKey, next.stored, spent.storeVersion);
      try {
        const written = memory.hasEnded(storeKey) ? undefined : await writeOnce(result);
        if (written === undefined) goOn(discard(storeKey, next.record.session));
        goOn(release());
        return written;
      } catch {
        goOn(writeLater(key, result).finally(release));
        return memory.hasEnded(storeKey) ? undefined : next;
      }
    },
    async settled() {
      while (background.size > 0) await Promise.all(background);
    },
  };
}

/** Whether a session in the store holds the refresh token that was spent, and no newer access token. */
function isOlder(current: LoginSession, spent: LoginSession, next: LoginSession): boolean {
  return current.refreshToken === spent.refreshToken && current.token.requestedAt <= next.token.requestedAt;
}
