import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LoginRequiredError } from '../../src/provider/errors.ts';
import { type ProviderFixture, startProvider } from '../fixture/provider-fixture.ts';
import { gate, sessionFixture } from '../fixture/session-fixture.ts';

/** The access tokens of the fixture live for 300 s. */
const EXPIRED_MS = 301_000;

let provider: ProviderFixture;
beforeEach(async () => {
  provider = await startProvider();
});
afterEach(() => provider.close());

const refreshes = () => provider.requests.filter((grant) => grant === 'refresh_token').length;

test('1,000 parallel requests of 50 sessions at refresh time make one refresh a session, and none is lost', async () => {
  const fixture = sessionFixture(provider);
  const [sessions] = fixture.instances;
  const cookies = [];
  for (let index = 0; index < 50; index += 1) cookies.push(await sessions?.create(await fixture.signIn()));
  fixture.nowMs += EXPIRED_MS;
  const all = await Promise.all(
    cookies.flatMap((cookie) => Array.from({ length: 20 }, () => sessions?.fresh(cookie ?? ''))),
  );
  expect(all.filter((session) => session === undefined)).toEqual([]);
  expect(new Set(all.map((session) => session?.token.accessToken)).size).toBe(50);
  expect(refreshes()).toBe(50);
});

test('requests that come one after another to two instances make one refresh', async () => {
  const fixture = sessionFixture(provider, { instances: 2 });
  const [one, two] = fixture.instances;
  const cookie = (await one?.create(await fixture.signIn())) ?? '';
  fixture.nowMs += EXPIRED_MS;
  const held = gate();
  provider.held = held.opened;
  const early = one?.fresh(cookie);
  await vi.waitFor(() => expect(refreshes()).toBe(1));
  const late = [two?.fresh(cookie), one?.fresh(cookie), two?.fresh(cookie)];
  await vi.waitFor(() => expect(fixture.store.commands.filter((name) => name === 'lock')).toHaveLength(2));
  held.open();
  const all = await Promise.all([early, ...late, one?.fresh(cookie), two?.fresh(cookie)]);
  expect(new Set(all.map((session) => session?.token.accessToken)).size).toBe(1);
  expect(refreshes()).toBe(1);
});

test('a caller that read the session before the refresh gets its result', async () => {
  const fixture = sessionFixture(provider, { instances: 2 });
  const [one, two] = fixture.instances;
  const cookie = (await one?.create(await fixture.signIn())) ?? '';
  fixture.nowMs += EXPIRED_MS;
  const read = gate();
  let isFirst = true;
  fixture.store.before = async (command) => {
    // The first reading is over, and the second, which the lock protects, has not begun.
    if (command !== 'lock' || !isFirst) return;
    isFirst = false;
    await read.opened;
  };
  const slow = one?.fresh(cookie);
  await vi.waitFor(() => expect(isFirst).toBe(false));
  const refreshed = await two?.fresh(cookie);
  read.open();
  expect(await slow).toEqual(refreshed);
  expect(refreshes()).toBe(1);
});

test('a logout during a refresh stays, and the new tokens are revoked', async () => {
  const fixture = sessionFixture(provider, { instances: 2 });
  const [one, two] = fixture.instances;
  const first = await fixture.signIn();
  const cookie = (await one?.create(first)) ?? '';
  fixture.nowMs += EXPIRED_MS;
  const held = gate();
  provider.held = held.opened;
  const refreshing = one?.fresh(cookie);
  await vi.waitFor(() => expect(refreshes()).toBe(1));
  expect((await two?.end(cookie))?.refreshToken).toBe(first.refreshToken);
  held.open();
  provider.held = undefined;
  expect(await refreshing).toBeUndefined();
  expect(await one?.read(cookie)).toBeUndefined();
  await one?.settled();
  const [revoked] = fixture.revoked;
  expect(revoked?.refreshToken).not.toBe(first.refreshToken);
  await expect(fixture.login.refresh(revoked ?? first)).rejects.toBeInstanceOf(LoginRequiredError);
});

test('a logout in the same process during a refresh stays, even if the store fails then', async () => {
  const fixture = sessionFixture(provider);
  const [sessions] = fixture.instances;
  const cookie = (await sessions?.create(await fixture.signIn())) ?? '';
  fixture.nowMs += EXPIRED_MS;
  const held = gate();
  provider.held = held.opened;
  const refreshing = sessions?.fresh(cookie);
  await vi.waitFor(() => expect(refreshes()).toBe(1));
  await sessions?.end(cookie);
  fixture.store.isDown = true;
  provider.held = undefined;
  held.open();
  expect(await refreshing).toBeUndefined();
  await expect(sessions?.read(cookie)).rejects.toMatchObject({ code: 'unavailable' });
  await sessions?.settled();
  expect(fixture.revoked).toHaveLength(1);
});

test('a refresh of the session from before a login does not revoke what the login got', async () => {
  const fixture = sessionFixture(provider);
  const [sessions] = fixture.instances;
  const old = (await sessions?.create(await fixture.signIn())) ?? '';
  fixture.nowMs += EXPIRED_MS;
  const held = gate();
  provider.held = held.opened;
  const refreshing = sessions?.fresh(old);
  await vi.waitFor(() => expect(refreshes()).toBe(1));
  provider.held = undefined;
  const cookie = (await sessions?.create(await fixture.signIn(), old)) ?? '';
  held.open();
  expect(await refreshing).toBeUndefined();
  await sessions?.settled();
  expect(fixture.revoked).toEqual([]);
  fixture.nowMs += EXPIRED_MS;
  expect((await sessions?.fresh(cookie))?.subject).toBe('alice');
});

test('a process that was paused for longer than its lock holds loses no result', async () => {
  const fixture = sessionFixture(provider, { instances: 2 });
  const [one, two] = fixture.instances;
  const cookie = (await one?.create(await fixture.signIn())) ?? '';
  fixture.nowMs += EXPIRED_MS;
  const held = gate();
  provider.held = held.opened;
  const paused = one?.fresh(cookie);
  await vi.waitFor(() => expect(refreshes()).toBe(1));
  fixture.nowMs += 120_000;
  held.open();
  provider.held = undefined;
  const result = await paused;
  expect(result?.subject).toBe('alice');
  expect(await two?.fresh(cookie)).toEqual(result);
  expect(refreshes()).toBe(1);
});

test('a process that was paused for longer than its lock holds does not overwrite a newer session', async () => {
  const fixture = sessionFixture(provider, { instances: 2 });
  const [one, two] = fixture.instances;
  const cookie = (await one?.create(await fixture.signIn())) ?? '';
  fixture.nowMs += EXPIRED_MS;
  const held = gate();
  provider.held = held.opened;
  const paused = one?.fresh(cookie);
  await vi.waitFor(() => expect(refreshes()).toBe(1));
  fixture.nowMs += 120_000;
  provider.held = undefined;
  const newer = await fixture.signIn();
  await two?.replace(cookie, () => newer);
  held.open();
  expect((await paused)?.token.accessToken).toBe(newer.token.accessToken);
  expect((await two?.read(cookie))?.refreshToken).toBe(newer.refreshToken);
  await one?.settled();
  expect(fixture.revoked).toEqual([]);
});

test('a change of the session meanwhile does not cost the result of a refresh', async () => {
  const fixture = sessionFixture(provider, { instances: 2 });
  const [one, two] = fixture.instances;
  const cookie = (await one?.create(await fixture.signIn())) ?? '';
  fixture.nowMs += EXPIRED_MS;
  const held = gate();
  provider.held = held.opened;
  const paused = one?.fresh(cookie);
  await vi.waitFor(() => expect(refreshes()).toBe(1));
  fixture.nowMs += 120_000;
  provider.held = undefined;
  await two?.replace(cookie, (session) => ({ ...session, moveRefusedAt: '7' }));
  held.open();
  const result = await paused;
  expect((await two?.fresh(cookie))?.token.accessToken).toBe(result?.token.accessToken);
  expect(refreshes()).toBe(1);
});

test('a response that comes after the time-out of a request still refreshes the session', async () => {
  const fixture = sessionFixture(provider, { providerTimeoutMs: 200 });
  const [sessions] = fixture.instances;
  const cookie = (await sessions?.create(await fixture.signIn())) ?? '';
  fixture.nowMs += EXPIRED_MS;
  const held = gate();
  provider.held = held.opened;
  // The caller does not wait that long.
  await expect(sessions?.fresh(cookie)).rejects.toMatchObject({ code: 'unavailable' });
  expect(refreshes()).toBe(1);
  held.open();
  await sessions?.settled();
  expect((await sessions?.fresh(cookie))?.subject).toBe('alice');
  expect(refreshes()).toBe(1);
});
