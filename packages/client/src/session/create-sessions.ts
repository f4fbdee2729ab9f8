import { eventSink } from '../events/client-event.ts';
import type { LoginSession } from '../login/browser-login.ts';
import { LoginRequiredError } from '../provider/errors.ts';
import { REFRESH_PATIENCE } from '../provider/provider-fetch.ts';
import { settleWithin } from '../provider/settle-within.ts';
import { endSession, isSuperseded, supersedeSession } from './end-session.ts';
import { createFailedRefreshes } from './failed-refreshes.ts';
import { createRefreshWriter } from './refresh-writer.ts';
import { sealSession } from './sealed-session.ts';
import { BUSY, createSessionChanger } from './session-changer.ts';
import { indexName, newSessionKey, type SessionKey, sessionKey } from './session-key.ts';
import { createSessionMemory } from './session-memory.ts';
import { createSessionReader, type ReadSession } from './session-reader.ts';
import { createSessionRefresher, lateError } from './session-refresher.ts';
import type { Sessions, SessionsOptions } from './sessions.ts';
import { isValid } from './token-times.ts';

const DEFAULT_TIMEOUT_MS = 10_000;
/** For how many time-outs of a request a caller without a valid token waits, and a lock is held: for a write, too. */
const WAIT = 1.5;
/** A refresh may send three requests, one after the other, and need metadata and keys. */
const HOLD = 3 * REFRESH_PATIENCE + 3;
/** A change of a session does not wait for a provider that hangs in its refresh. */
const CHANGE_WAIT_MS = 1000;
/** An API that refuses tokens of this age refuses new ones, too: it does not get one a request. */
const FORCED_EVERY_MS = 10_000;
const TOUCHES = 10;

/** Creates the sessions of an application, in a store. */
export function createSessions(options: SessionsOptions): Sessions {
  const { login, store, idleMs, absoluteMs, providerTimeoutMs = DEFAULT_TIMEOUT_MS, now = Date.now } = options;
  const onEvent = eventSink(options.onEvent);
  const waitMs = WAIT * providerTimeoutMs;
  const memory = createSessionMemory(now);
  const failures = createFailedRefreshes(now);
  const reader = createSessionReader(store, memory, { idleMs, absoluteMs }, now);
  const touching = new Map<string, Promise<unknown>>();

  /** Revokes the tokens of a session that ended while it was refreshed. After a new login they may share its grant. */
  async function discard(storeKey: string, session: LoginSession): Promise<void> {
    if (!(await isSuperseded(store, storeKey))) await login.revoke(session);
  }

  const writer = createRefreshWriter({ store, memory, reader }, discard);
  const changer = createSessionChanger({ store, reader, writer }, HOLD * providerTimeoutMs);
  const refresher = createSessionRefresher(
    { changer, reader, failures, now },
    { refresh: login.refresh, end: remove, waitMs },
  );

  async function remove({ storeKey }: SessionKey): Promise<void> {
    await store.delete(storeKey);
    memory.end(storeKey);
    failures.delete(storeKey);
  }

  /** Notes that a session is used, or writes the refresh that the store misses. No caller waits for it. */
  function touch(key: SessionKey, { record, stored, storeVersion, outage }: ReadSession): void {
    const { storeKey } = key;
    const isMissing = storeVersion !== stored.version;
    const isDue = now() - record.touchedAtMs >= idleMs / TOUCHES;
    if (!(isMissing || isDue) || outage !== undefined || touching.has(storeKey)) return;
    const touched = isMissing ? stored : sealSession({ ...record, touchedAtMs: now() }, key, stored.version);
    const writing = store
      .replace(storeKey, touched, storeVersion, reader.lifetimeMs(record))
      // The next request does it.
      .catch(() => {})
      .finally(() => touching.delete(storeKey));
    touching.set(storeKey, writing);
  }

  async function used(key: SessionKey, not?: string): Promise<ReadSession | undefined> {
    // Memory would have the token that was refused: only a store that is down, and not one that is slow, makes it do.
    const stored = not === undefined ? undefined : reader.readStored(key).catch(() => reader.read(key));
    const session = await (stored ?? reader.read(key));
    if (session !== undefined) touch(key, session);
    return session;
  }

  function isRefusedAgain({ record }: ReadSession, not: string | undefined): boolean {
    const { token } = record.session;
    const ageMs = now() - (record.forcedAtMs ?? 0);
    // Of an instance whose clock is ahead: unknown.
    const isRecent = ageMs >= 0 && ageMs < FORCED_EVERY_MS;
    return token.accessToken === not && isValid(token, now()) && isRecent;
  }

  /** Ends the session that a browser had before it logged in. */
  async function supersede(key: SessionKey): Promise<void> {
    await supersedeSession({ store, memory }, key, HOLD * providerTimeoutMs);
    failures.delete(key.storeKey);
  }

  return {
    async create(session, previous) {
      const old = previous === undefined ? undefined : sessionKey(previous);
      if (old !== undefined) await supersede(old);
      const { cookie, ...key } = newSessionKey();
      const record = { session, createdAtMs: now(), touchedAtMs: now() };
      await store.create(key.storeKey, sealSession(record, key), reader.lifetimeMs(record));
      return cookie;
    },
    async read(cookie) {
      const key = sessionKey(cookie);
      return key && (await used(key))?.record.session;
    },
    async fresh(cookie, { not } = {}) {
      const key = sessionKey(cookie);
      const session = key && (await used(key, not));
      if (key === undefined || session === undefined) return undefined;
      if (refresher.isUsable(session, not)) {
        if (session.outage === undefined) refresher.renew(key, session);
        return session.record.session;
      }
      if (session.outage !== undefined) throw session.outage;
      if (isRefusedAgain(session, not)) return session.record.session;
      if (session.record.session.refreshToken === undefined) {
        throw new LoginRequiredError('the session has no refresh token');
      }
      return (await refresher.refreshed(key, not))?.record.session;
    },
    async replace(cookie, change) {
      const key = sessionKey(cookie);
      if (key === undefined) return undefined;
      const changed = await changer.change(key, CHANGE_WAIT_MS, async (current, write) => {
        const session = change(current.record.session);
        if (session === current.record.session) return current;
        return write({ ...current.record, session, touchedAtMs: now() });
      });
      if (changed === BUSY) throw lateError();
      failures.delete(key.storeKey);
      return changed?.record.session;
    },
    async end(cookie) {
      const key = sessionKey(cookie);
      if (key === undefined) return undefined;
      const { wasThere, record } = await endSession({ store, memory }, key);
      failures.delete(key.storeKey);
      if (wasThere) onEvent({ type: 'logout', by: 'user' });
      return record?.session;
    },
    async endWhere({ issuer, sub, sid }) {
      let ended = 0;
      for (const where of endedIndexes(issuer, sub, sid)) {
        ended += await store.deleteWhere(where);
        memory.endWhere((stored) => ('sid' in where ? stored.sid === where.sid : stored.sub === where.sub));
      }
      if (ended > 0) onEvent({ type: 'logout', by: 'provider' });
      return ended;
    },
    async settled() {
      const all = async () => {
        await refresher.settled();
        await writer.settled();
        await Promise.all(touching.values());
      };
      await settleWithin(REFRESH_PATIENCE * providerTimeoutMs + CHANGE_WAIT_MS, all(), lateError).catch(() => {});
    },
  };
}

/** Where the store has the sessions that a provider ended. */
function endedIndexes(issuer: string, sub: string | undefined, sid: string | undefined) {
  if (sid === undefined) return sub === undefined ? [] : [{ sub: indexName('sub', issuer, sub) }];
  const unnamed = sub === undefined ? [] : [{ sid: indexName('no sid', issuer, sub) }];
  return [{ sid: indexName('sid', issuer, sid) }, ...unnamed];
}
