import { type Clock, UnavailableError } from '@crossfade/core';
import type { LoginSession } from '../login/browser-login.ts';
import { LoginRequiredError } from '../provider/errors.ts';
import { settleWithin } from '../provider/settle-within.ts';
import type { FailedRefreshes } from './failed-refreshes.ts';
import { BUSY, type SessionChanger } from './session-changer.ts';
import type { SessionKey } from './session-key.ts';
import type { ReadSession, SessionReader } from './session-reader.ts';
import { isValid, renewAtMs } from './token-times.ts';

/** Gets sessions new access tokens: one request a session at a time, over all instances. */
export interface SessionRefresher {
  /** Whether the session's token is valid now, and not the one that was refused. */
  isUsable(session: ReadSession, not: string | undefined): boolean;
  /** Refreshes a session in the background if it is time, without waiting for anything. */
  renew(key: SessionKey, session: ReadSession): void;
  /** Waits for a session with a usable token. */
  refreshed(key: SessionKey, not: string | undefined): Promise<ReadSession | undefined>;
  settled(): Promise<void>;
}

/** A caller may join a refresh that gives nothing usable to it, or meet another one. */
const MAX_TRIES = 3;

type Refreshed = ReadSession | undefined | typeof BUSY;

/** More than a refresh takes. */
const JUST_NOW_MS = 10_000;

/** @param waitMs for how long a caller waits: for the provider, or for another instance that refreshes. */
export function createSessionRefresher(
  {
    changer,
    reader,
    failures,
    now,
  }: { changer: SessionChanger; reader: SessionReader; failures: FailedRefreshes; now: Clock },
  {
    refresh,
    end,
    waitMs,
  }: {
    readonly refresh: (session: LoginSession) => Promise<LoginSession>;
    /** Ends a session whose refresh token was refused. */
    readonly end: (key: SessionKey) => Promise<void>;
    readonly waitMs: number;
  },
): SessionRefresher {
  /** At most one refresh a session in this process. */
  const running = new Map<string, { readonly work: Promise<Refreshed>; readonly startedAtMs: number }>();

  function isUsable({ record }: ReadSession, not: string | undefined): boolean {
    const { token } = record.session;
    return isValid(token, now()) && token.accessToken !== not;
  }

  /** Whether the provider has just issued the refused token again: it has no other. */
  function isReissued({ record }: ReadSession, not: string | undefined): boolean {
    const { token } = record.session;
    const ageMs = now() - (record.forcedAtMs ?? 0);
    return token.accessToken === not && isValid(token, now()) && ageMs >= 0 && ageMs < JUST_NOW_MS;
  }

  function isDue({ record, stored }: ReadSession): boolean {
    return now() >= renewAtMs(record.session.token, stored.version);
  }

  /** Refreshes a session unless another caller has done so. */
  async function change(
    key: SessionKey,
    lockWaitMs: number,
    not: string | undefined,
    isDone: (session: ReadSession) => boolean,
  ): Promise<Refreshed> {
    failures.check(key.storeKey);
    const changed = await changer.change(key, lockWaitMs, async (spent, write) => {
      if (isDone(spent)) return spent;
      const { token } = spent.record.session;
      let session: LoginSession;
      try {
        session = await refresh(spent.record.session);
      } catch (error) {
        return failed(key, spent, error);
      }
      failures.delete(key.storeKey);
      const isForced = token.accessToken === not && isValid(token, now());
      return write({ ...spent.record, session, touchedAtMs: now(), ...(isForced && { forcedAtMs: now() }) });
    });
    if (changed === BUSY && lockWaitMs > 0) failures.failed(key.storeKey, lateError());
    return changed;
  }

  async function failed(key: SessionKey, spent: ReadSession, error: unknown): Promise<ReadSession> {
    if (!(error instanceof LoginRequiredError && error.endsSession)) {
      failures.failed(key.storeKey, error);
      throw error;
    }
    // This process may have been paused for longer than the lock holds, and another one has refreshed the session.
    const current = await reader.readStored(key);
    if (current !== undefined && current.stored.version !== spent.stored.version) return current;
    await end(key);
    throw error;
  }

  function start(key: SessionKey, work: Promise<Refreshed>) {
    const started = { work: work.finally(() => running.delete(key.storeKey)), startedAtMs: performance.now() };
    running.set(key.storeKey, started);
    return started;
  }

  return {
    isUsable,
    renew(key, session) {
      if (running.has(key.storeKey) || session.record.session.refreshToken === undefined || !isDue(session)) return;
      // A failure is remembered, and met by the callers that find no valid token.
      start(
        key,
        change(key, 0, undefined, (current) => !isDue(current)),
      ).work.catch(() => {});
    },
    async refreshed(key, not) {
      for (let tries = 0; tries < MAX_TRIES; tries += 1) {
        const isUsableNow = (session: ReadSession) => isUsable(session, not);
        const { work, startedAtMs } = running.get(key.storeKey) ?? start(key, change(key, waitMs, not, isUsableNow));
        // What has not come since then is not worth the same wait to each caller.
        const leftMs = Math.max(0, startedAtMs + waitMs - performance.now());
        const session = await settleWithin(leftMs, work, lateError);
        if (session === undefined) return undefined;
        // What was joined may have been a renewal in the background, which waits for no lock.
        if (session !== BUSY && (isUsable(session, not) || isReissued(session, not))) return session;
      }
      throw lateError();
    },
    async settled() {
      while (running.size > 0) await Promise.allSettled([...running.values()].map(({ work }) => work));
    },
  };
}

export function lateError(): UnavailableError {
  return new UnavailableError('the session is still being refreshed', { retryAfterSeconds: 2 });
}
