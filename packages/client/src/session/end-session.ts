import { randomUUID } from 'node:crypto';
import { openSession } from './sealed-session.ts';
import type { SessionKey } from './session-key.ts';
import type { SessionMemory } from './session-memory.ts';
import type { SessionRecord } from './session-record.ts';
import type { SessionStore } from './session-store.ts';

/** More changes of one session meanwhile than any lock lets through. */
const MAX_CONFLICTS = 10;
/** What a session is replaced with where its browser logged in again. Opens no session. */
const SUPERSEDED = 'superseded';

/**
 * Ends a session, and returns the very one that ended: after a mere deletion it would be unknown whether a refresh came
 * between the reading and the end, whose tokens would then be revoked by no instance.
 * @returns whether there was a session, and the session if it can be opened.
 * @throws {@link UnavailableError} when the store cannot be reached: the session goes on.
 */
export async function endSession(
  { store, memory }: { readonly store: SessionStore; readonly memory: SessionMemory },
  key: SessionKey,
): Promise<{ readonly wasThere: boolean; readonly record?: SessionRecord | undefined }> {
  const { storeKey } = key;
  for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
    const stored = await store.get(storeKey);
    // Empty: another caller ends it.
    if (stored === undefined || stored.sealed === '' || stored.sealed === SUPERSEDED) {
      memory.end(storeKey);
      return { wasThere: false };
    }
    if (!(await store.replace(storeKey, { sealed: '', version: randomUUID() }, stored.version))) continue;
    // The result of a refresh that is not written yet.
    const newest = memory.after(storeKey, stored.version) ?? stored;
    memory.end(storeKey);
    // What stays of it opens no session, and ends with its lifetime.
    await store.delete(storeKey).catch(() => false);
    return { wasThere: true, record: openSession(newest, key) };
  }
  memory.end(storeKey);
  return { wasThere: await store.delete(storeKey) };
}

/**
 * Ends the session that a browser had before it logged in, and leaves a mark for an instance that refreshes it at this moment: it
 * must not revoke what it gets, because a provider may give both sessions one grant, and would end the new one, too.
 * @param markMs how long the mark stays: as long as a refresh may take.
 */
export async function supersedeSession(
  { store, memory }: { readonly store: SessionStore; readonly memory: SessionMemory },
  { storeKey }: SessionKey,
  markMs: number,
): Promise<void> {
  for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
    const stored = await store.get(storeKey);
    memory.end(storeKey);
    if (stored === undefined || stored.sealed === '' || stored.sealed === SUPERSEDED) return;
    const mark = { sealed: SUPERSEDED, version: randomUUID() };
    if (await store.replace(storeKey, mark, stored.version, markMs)) return;
  }
  await store.delete(storeKey);
}

/** Whether a session ended because its browser logged in again; `false` while the store cannot say. */
export async function isSuperseded(store: SessionStore, storeKey: string): Promise<boolean> {
  const left = await store.get(storeKey).catch(() => undefined);
  return left?.sealed === SUPERSEDED;
}
