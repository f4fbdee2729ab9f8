import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createMemorySessionStore } from '../../src/session/memory-session-store.ts';
import { sessionKey } from '../../src/session/session-key.ts';
import type { SessionStore, StoredSession } from '../../src/session/session-store.ts';
import { type ProviderFixture, startProvider } from '../fixture/provider-fixture.ts';
import { gate, type SessionFixture, sessionFixture } from '../fixture/session-fixture.ts';

const EXPIRED_MS = 301_000;
/** Past the latest moment at which a token of 300 s is renewed, and before its end. */
const DUE_MS = 245_000;

let provider: ProviderFixture;
beforeEach(async () => {
  provider = await startProvider();
});
afterEach(() => provider.close());

const refreshes = () => provider.requests.filter((grant) => grant === 'refresh_token').length;

async function started(fixture: SessionFixture) {
  const [sessions, other = sessions] = fixture.instances;
  if (sessions === undefined || other === undefined) throw new Error('there is an instance');
  return { sessions, other, cookie: await sessions.create(await fixture.signIn()) };
}

test('while the store is down a valid token is served, and nothing is refreshed', async () => {
  const fixture = sessionFixture(provider);
  const { sessions, cookie } = await started(fixture);
  const first = await sessions.fresh(cookie);
  fixture.store.isDown = true;
  fixture.nowMs += DUE_MS;
  expect(await sessions.fresh(cookie)).toEqual(first);
  expect(await sessions.read(cookie)).toEqual(first);
  await sessions.settled();
  expect(refreshes()).toBe(0);
  fixture.nowMs += EXPIRED_MS - DUE_MS;
  await expect(sessions.fresh(cookie)).rejects.toMatchObject({ code: 'unavailable' });
  fixture.store.isDown = false;
  expect((await sessions.fresh(cookie))?.subject).toBe('alice');
  expect(refreshes()).toBe(1);
});

test('while the store is down one request a second asks it', async () => {
  const fixture = sessionFixture(provider);
  const { sessions, cookie } = await started(fixture);
  await sessions.fresh(cookie);
  fixture.store.isDown = true;
  const before = fixture.store.commands.length;
  for (let requests = 0; requests < 40; requests += 1) {
    await sessions.fresh(cookie);
    fixture.nowMs += 100;
  }
  expect(fixture.store.commands.length - before).toBe(4);
});

test('while the store is down a session that this process has not seen is unavailable, not logged out', async () => {
  const fixture = sessionFixture(provider, { instances: 2 });
  const { sessions, other, cookie } = await started(fixture);
  await sessions.read(cookie);
  fixture.store.isDown = true;
  await expect(other.read(cookie)).rejects.toMatchObject({ code: 'unavailable' });
  await expect(other.fresh(cookie)).rejects.toMatchObject({ code: 'unavailable' });
});

test('a logout while the store is down fails, because the session would come back', async () => {
  const fixture = sessionFixture(provider);
  const { sessions, cookie } = await started(fixture);
  await sessions.read(cookie);
  fixture.store.isDown = true;
  await expect(sessions.end(cookie)).rejects.toMatchObject({ code: 'unavailable' });
  await expect(sessions.endWhere({ issuer: provider.issuer, sub: 'alice' })).rejects.toMatchObject({
    code: 'unavailable',
  });
  expect(fixture.events.filter(({ type }) => type === 'logout')).toEqual([]);
  fixture.store.isDown = false;
  expect((await sessions.end(cookie))?.subject).toBe('alice');
  fixture.store.isDown = true;
  await expect(sessions.read(cookie)).rejects.toMatchObject({ code: 'unavailable' });
});

test('a result that the store did not take is good meanwhile, and written when it is back', async () => {
  const fixture = sessionFixture(provider, { instances: 2 });
  const { sessions, other, cookie } = await started(fixture);
  fixture.nowMs += EXPIRED_MS;
  fixture.store.before = (command) => {
    if (command === 'replace') fixture.store.isDown = true;
  };
  const refreshed = await sessions.fresh(cookie);
  expect(refreshed?.subject).toBe('alice');
  expect(await sessions.fresh(cookie)).toEqual(refreshed);
  fixture.store.before = undefined;
  fixture.store.isDown = false;
  // The other instance finds the spent token in the store, waits for the lock, and gets the result.
  expect(await other.fresh(cookie)).toEqual(refreshed);
  expect(refreshes()).toBe(1);
});

test('a write that seemed to fail, but did not, is no conflict', async () => {
  const store = createMemorySessionStore();
  let isLost = true;
  const lossy: SessionStore = {
    ...store,
    async replace(...args) {
      const isReplaced = await store.replace(...args);
      if (!isLost) return isReplaced;
      isLost = false;
      throw new Error('the reply is lost');
    },
  };
  const fixture = sessionFixture(provider, { store: lossy });
  const { sessions, cookie } = await started(fixture);
  fixture.nowMs += EXPIRED_MS;
  const refreshed = await sessions.fresh(cookie);
  await sessions.settled();
  expect(await sessions.fresh(cookie)).toEqual(refreshed);
  expect(fixture.revoked).toEqual([]);
  expect(refreshes()).toBe(1);
});

test('a refresh that the store lost in a failover is not made a second time', async () => {
  const store = createMemorySessionStore();
  const fixture = sessionFixture(provider, { store });
  const { sessions, cookie } = await started(fixture);
  const key = sessionKey(cookie)?.storeKey ?? '';
  const before = (await store.get(key)) as StoredSession;
  fixture.nowMs += EXPIRED_MS;
  const refreshed = await sessions.fresh(cookie);
  await store.create(key, before, 60_000);
  expect(await sessions.fresh(cookie)).toEqual(refreshed);
  await sessions.settled();
  expect((await store.get(key))?.version).not.toBe(before.version);
  expect(refreshes()).toBe(1);
});

test('a valid token is served at once while the provider hangs, and renewed when it responds', async () => {
  const fixture = sessionFixture(provider);
  const { sessions, cookie } = await started(fixture);
  const held = gate();
  provider.held = held.opened;
  fixture.nowMs += DUE_MS;
  const first = await sessions.fresh(cookie);
  for (let requests = 0; requests < 50; requests += 1) expect(await sessions.fresh(cookie)).toEqual(first);
  await vi.waitFor(() => expect(refreshes()).toBe(1));
  held.open();
  await sessions.settled();
  expect((await sessions.fresh(cookie))?.token.accessToken).not.toBe(first?.token.accessToken);
  expect(refreshes()).toBe(1);
});

test('a provider that is down is asked once a wait, also without a valid token', async () => {
  const fixture = sessionFixture(provider);
  const { sessions, cookie } = await started(fixture);
  await sessions.fresh(cookie);
  await fixture.login.refresh(await fixture.signIn());
  let asked = 0;
  provider.fault = (response) => {
    asked += 1;
    response.writeHead(500).end();
  };
  const askedIn = async (seconds: number) => {
    asked = 0;
    for (let second = 0; second < seconds; second += 1) {
      await expect(sessions.fresh(cookie)).rejects.toMatchObject({ code: 'unavailable' });
      fixture.nowMs += 1000;
    }
    return asked;
  };
  fixture.nowMs += EXPIRED_MS;
  // At 0, 5, 15, 35 and 75 s, or somewhat earlier.
  expect(await askedIn(100)).toBeLessThan(8);
  expect(await askedIn(600)).toBeLessThan(15);
  provider.fault = undefined;
  fixture.nowMs += 61_000;
  expect((await sessions.fresh(cookie))?.subject).toBe('alice');
});

test('after a failed refresh the valid token goes on being served', async () => {
  const fixture = sessionFixture(provider);
  const { sessions, cookie } = await started(fixture);
  const first = await sessions.fresh(cookie);
  provider.fault = (response) => void response.writeHead(503, { 'retry-after': '30' }).end();
  fixture.nowMs += DUE_MS;
  for (let requests = 0; requests < 20; requests += 1) {
    expect(await sessions.fresh(cookie)).toEqual(first);
    await sessions.settled();
  }
  provider.fault = undefined;
  fixture.nowMs += 31_000;
  await sessions.fresh(cookie);
  await sessions.settled();
  expect((await sessions.fresh(cookie))?.token.accessToken).not.toBe(first?.token.accessToken);
});

test('a store that is slow delays no request with a valid token, but is waited for after a 401', async () => {
  const fixture = sessionFixture(provider);
  const { sessions, cookie } = await started(fixture);
  const first = await sessions.fresh(cookie);
  const slow = gate();
  fixture.store.before = () => slow.opened;
  const startMs = performance.now();
  const all = await Promise.all(Array.from({ length: 20 }, () => sessions.fresh(cookie)));
  expect(performance.now() - startMs).toBeLessThan(1500);
  expect(all).toEqual(Array.from({ length: 20 }, () => first));
  const refused = sessions.fresh(cookie, { not: first?.token.accessToken });
  slow.open();
  expect((await refused)?.token.accessToken).not.toBe(first?.token.accessToken);
});
