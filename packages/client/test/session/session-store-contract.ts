import { describe, expect, test, vi } from 'vitest';
import type { SessionStore, StoredSession } from '../../src/session/session-store.ts';

/** What every store of sessions must do, whatever it keeps them in. */
export function describeSessionStore(name: string, storeOf: () => SessionStore): void {
  let last = 0;
  const newKey = () => {
    last += 1;
    return `key-${name}-${last}`;
  };
  const session = (version: string, more: Partial<StoredSession> = {}): StoredSession => ({
    sealed: `sealed-${version}`,
    version,
    ...more,
  });

  describe(`a session store in ${name}`, () => {
    test('returns what was created, and nothing under another key', async () => {
      const store = storeOf();
      const key = newKey();
      const stored = session('1', { sub: 'user', sid: 'there' });
      await store.create(key, stored, 60_000);
      expect(await store.get(key)).toEqual(stored);
      expect(await store.get(newKey())).toBeUndefined();
    });

    test('forgets a session when its lifetime is over', async () => {
      const store = storeOf();
      const key = newKey();
      await store.create(key, session('1'), 60);
      await vi.waitFor(async () => expect(await store.get(key)).toBeUndefined(), { timeout: 5000 });
      expect(await store.replace(key, session('2'), '1', 60_000)).toBe(false);
      expect(await store.delete(key)).toBe(false);
    });

    test('replaces the expected version only', async () => {
      const store = storeOf();
      const key = newKey();
      await store.create(key, session('1'), 60_000);
      expect(await store.replace(key, session('3'), '2')).toBe(false);
      expect((await store.get(key))?.version).toBe('1');
      expect(await store.replace(key, session('2', { sub: 'user' }), '1')).toBe(true);
      expect(await store.get(key)).toEqual(session('2', { sub: 'user' }));
      expect(await store.replace(key, session('3'), '2')).toBe(true);
      expect(await store.get(key)).toEqual(session('3'));
    });

    test('lets one of many concurrent replacements of a version win', async () => {
      const store = storeOf();
      const key = newKey();
      await store.create(key, session('0'), 60_000);
      const wins = await Promise.all(
        Array.from({ length: 50 }, (_, index) => store.replace(key, session(`${index + 1}`), '0')),
      );
      expect(wins.filter(Boolean)).toHaveLength(1);
      expect((await store.get(key))?.version).toBe(`${wins.indexOf(true) + 1}`);
    });

    test('does not bring a deleted session back by a replacement', async () => {
      const store = storeOf();
      const key = newKey();
      await store.create(key, session('1'), 60_000);
      await store.delete(key);
      expect(await store.replace(key, session('2'), '1', 60_000)).toBe(false);
      expect(await store.get(key)).toBeUndefined();
    });

    test('keeps what a session has left when it is replaced without a lifetime', async () => {
      const store = storeOf();
      const key = newKey();
      await store.create(key, session('1'), 400);
      expect(await store.replace(key, session('2'), '1')).toBe(true);
      await vi.waitFor(async () => expect(await store.get(key)).toBeUndefined(), { timeout: 5000 });
    });

    test('prolongs a session that is replaced with a lifetime', async () => {
      const store = storeOf();
      const [short, long] = [newKey(), newKey()];
      await store.create(short, session('1'), 300);
      await store.create(long, session('1', { sub: 'prolonged' }), 300);
      expect(await store.replace(long, session('2', { sub: 'prolonged' }), '1', 60_000)).toBe(true);
      await vi.waitFor(async () => expect(await store.get(short)).toBeUndefined(), { timeout: 5000 });
      expect((await store.get(long))?.version).toBe('2');
      expect(await store.deleteWhere({ sub: 'prolonged' })).toBe(1);
    });

    test('tells one of many concurrent deletions that there was a session', async () => {
      const store = storeOf();
      const key = newKey();
      await store.create(key, session('1'), 60_000);
      const deletions = await Promise.all(Array.from({ length: 20 }, () => store.delete(key)));
      expect(deletions.filter(Boolean)).toHaveLength(1);
    });

    test('deletes the sessions of a user, or of one session at the provider, and no others', async () => {
      const store = storeOf();
      const [first, second, other] = [newKey(), newKey(), newKey()];
      await store.create(first, session('1', { sub: 'alice', sid: 'a' }), 60_000);
      await store.create(second, session('1', { sub: 'alice', sid: 'b' }), 60_000);
      await store.create(other, session('1', { sub: 'bob', sid: 'c' }), 60_000);
      expect(await store.deleteWhere({ sid: 'a' })).toBe(1);
      expect(await store.get(first)).toBeUndefined();
      expect(await store.get(second)).toBeDefined();
      expect(await store.deleteWhere({ sub: 'alice' })).toBe(1);
      expect(await store.deleteWhere({ sub: 'alice' })).toBe(0);
      expect(await store.get(other)).toBeDefined();
    });

    test('finds a session by what its replacement says', async () => {
      const store = storeOf();
      const key = newKey();
      await store.create(key, session('1'), 60_000);
      await store.replace(key, session('2', { sid: 'later' }), '1');
      expect(await store.deleteWhere({ sid: 'later' })).toBe(1);
      expect(await store.get(key)).toBeUndefined();
    });

    test('gives a lock to one holder at a time, and to the next one after the release', async () => {
      const store = storeOf();
      const key = newKey();
      const release = await store.lock(key, 0, 60_000);
      expect(release).toBeDefined();
      expect(await store.lock(key, 0, 60_000)).toBeUndefined();
      expect(await store.lock(key, 50, 60_000)).toBeUndefined();
      const waiting = store.lock(key, 10_000, 60_000);
      await release?.();
      expect(await waiting).toBeDefined();
    });

    test('locks no other key, and not the session itself', async () => {
      const store = storeOf();
      const key = newKey();
      await store.create(key, session('1'), 60_000);
      await store.lock(key, 0, 60_000);
      expect(await store.lock(newKey(), 0, 60_000)).toBeDefined();
      expect(await store.replace(key, session('2'), '1')).toBe(true);
      expect(await store.delete(key)).toBe(true);
    });

    test('never has two holders of a lock at once', async () => {
      const store = storeOf();
      const key = newKey();
      let holders = 0;
      let most = 0;
      await Promise.all(
        Array.from({ length: 10 }, async () => {
          const release = await store.lock(key, 10_000, 60_000);
          holders += 1;
          most = Math.max(most, holders);
          await store.get(key);
          holders -= 1;
          await release?.();
        }),
      );
      expect(most).toBe(1);
    });

    test('takes a lock back from a holder that never releases it, whose release then does nothing', async () => {
      const store = storeOf();
      const key = newKey();
      const late = await store.lock(key, 0, 50);
      const next = await store.lock(key, 10_000, 60_000);
      expect(next).toBeDefined();
      await late?.();
      expect(await store.lock(key, 0, 60_000)).toBeUndefined();
    });
  });
}
