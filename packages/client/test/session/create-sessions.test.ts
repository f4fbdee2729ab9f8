import { inspect } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LoginSession } from '../../src/login/browser-login.ts';
import { LoginRequiredError } from '../../src/provider/errors.ts';
import { createMemorySessionStore } from '../../src/session/memory-session-store.ts';
import { sessionKey } from '../../src/session/session-key.ts';
import type { SessionStore } from '../../src/session/session-store.ts';
import { type ProviderFixture, startProvider } from '../fixture/provider-fixture.ts';
import { ABSOLUTE_MS, gate, IDLE_MS, type SessionFixture, sessionFixture } from '../fixture/session-fixture.ts';

const EXPIRED_MS = 301_000;

let provider: ProviderFixture;
beforeEach(async () => {
  provider = await startProvider();
});
afterEach(() => provider.close());

const refreshes = () => provider.requests.filter((grant) => grant === 'refresh_token').length;

async function started(fixture: SessionFixture) {
  const [sessions] = fixture.instances;
  if (sessions === undefined) throw new Error('there is an instance');
  const first = await fixture.signIn();
  return { sessions, first, cookie: await sessions.create(first) };
}

test('a session is found by its cookie, and by nothing else', async () => {
  const { sessions, first, cookie } = await started(sessionFixture(provider));
  expect(cookie).toMatch(/^[\w-]{43}$/);
  expect(await sessions.read(cookie)).toEqual(first);
  const others = ['', 'x', cookie.slice(1), `${cookie}A`, cookie.toLowerCase(), '../../etc/passwd', 'é'.repeat(43)];
  for (const other of others) {
    expect(await sessions.read(other)).toBeUndefined();
    expect(await sessions.fresh(other)).toBeUndefined();
    expect(await sessions.replace(other, (session) => session)).toBeUndefined();
    expect(await sessions.end(other)).toBeUndefined();
  }
});

test('a store learns no cookie, no token and no name', async () => {
  const seen: unknown[] = [];
  const memory = createMemorySessionStore();
  const store: SessionStore = {
    ...memory,
    async create(...args) {
      seen.push(args);
      await memory.create(...args);
    },
  };
  const { sessions, first, cookie } = await started(sessionFixture(provider, { store }));
  const text = inspect(seen, { depth: 9, maxStringLength: null });
  for (const secret of [cookie, first.token.accessToken, first.refreshToken, first.idToken, 'alice']) {
    expect(text).not.toContain(secret);
    expect(text).not.toContain(Buffer.from(secret ?? '').toString('base64url'));
  }
  expect(await sessions.read(cookie)).toEqual(first);
});

test('a record that was changed, moved to another key, or is of another form is no session', async () => {
  const store = createMemorySessionStore();
  const fixture = sessionFixture(provider, { store });
  const { sessions, cookie } = await started(fixture);
  const other = await sessions.create(await fixture.signIn());
  const key = sessionKey(cookie)?.storeKey ?? '';
  const record = await store.get(key);
  const foreign = await store.get(sessionKey(other)?.storeKey ?? '');
  if (record === undefined || foreign === undefined) throw new Error('both are there');
  const { sealed } = record;
  const changed = sealed.replace(/^./, sealed.startsWith('A') ? 'B' : 'A');
  for (const wrong of [changed, sealed.slice(0, -4), foreign.sealed, '', 'x', '{}']) {
    await store.create(key, { ...record, sealed: wrong }, 60_000);
    expect(await sessions.read(cookie)).toBeUndefined();
    expect(await sessions.fresh(cookie)).toBeUndefined();
  }
  await store.create(key, record, 60_000);
  expect((await sessions.read(cookie))?.subject).toBe('alice');
});

test('a token is renewed in the background between 60 and 80 % of its lifetime, not at one moment', async () => {
  const fixture = sessionFixture(provider);
  const { sessions } = await started(fixture);
  const cookies: string[] = [];
  for (let index = 0; index < 20; index += 1) cookies.push(await sessions.create(await fixture.signIn()));
  const startMs = fixture.nowMs;
  const renewedAt = async (share: number) => {
    fixture.nowMs = startMs + share * 300_000;
    await Promise.all(cookies.map((cookie) => sessions.fresh(cookie)));
    await sessions.settled();
    return refreshes();
  };
  expect(await renewedAt(0.59)).toBe(0);
  const half = await renewedAt(0.7);
  expect(half).toBeGreaterThan(0);
  expect(half).toBeLessThan(20);
  expect(await renewedAt(0.81)).toBe(20);
});

test('after a 401 another token comes, also to a caller that is late with its own', async () => {
  const { sessions, first, cookie } = await started(sessionFixture(provider));
  const not = first.token.accessToken;
  const all = await Promise.all(Array.from({ length: 10 }, () => sessions.fresh(cookie, { not })));
  expect(new Set(all.map((session) => session?.token.accessToken)).size).toBe(1);
  expect(all[0]?.token.accessToken).not.toBe(not);
  expect(await sessions.fresh(cookie, { not })).toEqual(all[0]);
  expect(refreshes()).toBe(1);
});

test('an API that refuses each new token does not get one a request', async () => {
  const fixture = sessionFixture(provider);
  const { sessions, cookie } = await started(fixture);
  for (let requests = 0; requests < 20; requests += 1) {
    const session = await sessions.fresh(cookie);
    await sessions.fresh(cookie, { not: session?.token.accessToken });
  }
  expect(refreshes()).toBe(1);
  fixture.nowMs += 10_000;
  const last = await sessions.fresh(cookie);
  const next = await sessions.fresh(cookie, { not: last?.token.accessToken });
  expect(next?.token.accessToken).not.toBe(last?.token.accessToken);
});

test('a clock of another instance that is ahead keeps no refused token in use', async () => {
  const fixture = sessionFixture(provider);
  const { sessions, cookie, first } = await started(fixture);
  fixture.nowMs += 300_000 - 1000;
  const forced = await sessions.fresh(cookie, { not: first.token.accessToken });
  fixture.nowMs -= 299_000;
  const next = await sessions.fresh(cookie, { not: forced?.token.accessToken });
  expect(next?.token.accessToken).not.toBe(forced?.token.accessToken);
});

test('a refresh token that the provider refuses ends the session', async () => {
  const fixture = sessionFixture(provider);
  const { sessions, first, cookie } = await started(fixture);
  await fixture.login.revoke(first);
  fixture.nowMs += EXPIRED_MS;
  await expect(sessions.fresh(cookie)).rejects.toBeInstanceOf(LoginRequiredError);
  expect(await sessions.read(cookie)).toBeUndefined();
  expect(await sessions.fresh(cookie)).toBeUndefined();
});

test('without a refresh token a session keeps its user when its access token has expired', async () => {
  const fixture = sessionFixture(provider);
  const [sessions] = fixture.instances;
  const { refreshToken, ...session } = await fixture.signIn();
  const cookie = (await sessions?.create(session)) ?? '';
  fixture.nowMs += 290_000;
  expect(await sessions?.fresh(cookie)).toEqual(session);
  fixture.nowMs += 11_000;
  await expect(sessions?.fresh(cookie)).rejects.toMatchObject({ code: 'login_required' });
  expect((await sessions?.read(cookie))?.subject).toBe('alice');
});

test('a session ends after its idle lifetime without a request, and each request prolongs it', async () => {
  const fixture = sessionFixture(provider);
  const { sessions, cookie } = await started(fixture);
  for (let hour = 0; hour < 5; hour += 1) {
    fixture.nowMs += IDLE_MS * 0.85;
    expect((await sessions.read(cookie))?.subject).toBe('alice');
    await sessions.settled();
  }
  fixture.nowMs += IDLE_MS;
  expect(await sessions.read(cookie)).toBeUndefined();
});

test('a session ends after its absolute lifetime, whatever is done with it', async () => {
  const fixture = sessionFixture(provider);
  const { sessions, cookie } = await started(fixture);
  const endMs = fixture.nowMs + ABSOLUTE_MS;
  for (; fixture.nowMs < endMs - IDLE_MS / 2; fixture.nowMs += IDLE_MS / 2) {
    expect((await sessions.read(cookie))?.subject).toBe('alice');
    await sessions.settled();
  }
  fixture.nowMs = endMs;
  expect(await sessions.read(cookie)).toBeUndefined();
});

test('the store is written to once in a tenth of the idle lifetime at most', async () => {
  const fixture = sessionFixture(provider);
  const { sessions, cookie } = await started(fixture);
  for (let minute = 0; minute < 30; minute += 1) {
    await Promise.all([sessions.read(cookie), sessions.read(cookie)]);
    await sessions.settled();
    fixture.nowMs += 60_000;
  }
  expect(fixture.store.commands.filter((command) => command === 'replace')).toHaveLength(4);
});

test('a login ends the session that the browser had, under a new cookie', async () => {
  const fixture = sessionFixture(provider);
  const { sessions, cookie } = await started(fixture);
  const next = await sessions.create(await fixture.signIn(), cookie);
  expect(next).not.toBe(cookie);
  expect(await sessions.read(cookie)).toBeUndefined();
  expect((await sessions.read(next))?.subject).toBe('alice');
  expect(fixture.events.filter(({ type }) => type === 'logout')).toEqual([]);
  expect(await sessions.create(await fixture.signIn(), 'a value of an attacker')).toMatch(/^[\w-]{43}$/);
});

test('a login in one instance does not have its tokens revoked by another that refreshes the old session', async () => {
  const fixture = sessionFixture(provider, { instances: 2 });
  const [first, second] = fixture.instances;
  const cookie = await first?.create(await fixture.signIn());
  fixture.nowMs += EXPIRED_MS;
  const late = gate();
  provider.held = late.opened;
  const refreshing = second?.fresh(cookie ?? '');
  await expect.poll(refreshes).toBe(1);
  provider.held = undefined;
  const next = await first?.create(await fixture.signIn(), cookie);
  late.open();
  expect(await refreshing).toBeUndefined();
  await second?.settled();
  expect(fixture.revoked).toEqual([]);
  expect((await second?.read(next ?? ''))?.subject).toBe('alice');
  expect(await second?.read(cookie ?? '')).toBeUndefined();
});

test('a logout returns the session once, and says so', async () => {
  const fixture = sessionFixture(provider);
  const { sessions, first, cookie } = await started(fixture);
  const ended = await Promise.all(Array.from({ length: 5 }, () => sessions.end(cookie)));
  expect(ended.filter((session) => session !== undefined)).toEqual([first]);
  expect(fixture.events.filter(({ type }) => type === 'logout')).toEqual([{ type: 'logout', by: 'user' }]);
});

test('a provider ends one session by sid, or all of a user by sub, of its own issuer only', async () => {
  const fixture = sessionFixture(provider);
  const [sessions] = fixture.instances;
  const first = await fixture.signIn();
  const create = (sid: string, issuer = first.issuer) => sessions?.create({ ...first, issuer, sid }) ?? '';
  const [one, two] = [await create('1'), await create('2')];
  const elsewhere = await create('1', 'https://elsewhere.example.com');
  const { issuer } = first;
  expect(await sessions?.endWhere({ issuer, sub: 'alice', sid: '1' })).toBe(1);
  expect(await sessions?.read(one)).toBeUndefined();
  expect(await sessions?.read(two)).toBeDefined();
  expect(await sessions?.endWhere({ issuer, sub: 'alice' })).toBe(1);
  expect(await sessions?.endWhere({ issuer, sub: 'alice' })).toBe(0);
  expect(await sessions?.endWhere({ issuer })).toBe(0);
  expect(await sessions?.read(elsewhere)).toBeDefined();
  expect(fixture.events.filter(({ type }) => type === 'logout')).toHaveLength(2);
});

test('a provider that names a session ends those of the user whose ID token named none, in all instances', async () => {
  const fixture = sessionFixture(provider, { instances: 2 });
  const [sessions, others] = fixture.instances;
  const session = await fixture.signIn();
  expect(session.sid).toBeUndefined();
  const create = (change: Partial<LoginSession>) => sessions?.create({ ...session, ...change }) ?? '';
  const [unnamed, named, bobs] = [await create({}), await create({ sid: '2' }), await create({ subject: 'bob' })];
  const { issuer } = session;
  expect(await others?.endWhere({ issuer, sid: '1' })).toBe(0);
  expect(await others?.endWhere({ issuer, sub: 'alice', sid: '1' })).toBe(1);
  expect(await sessions?.read(unnamed)).toBeUndefined();
  expect([await sessions?.read(named), await sessions?.read(bobs)]).not.toContain(undefined);
  expect(await others?.endWhere({ issuer, sub: 'alice' })).toBe(1);
});

test('a change of a session keeps its cookie, and the members that this release does not know', async () => {
  const fixture = sessionFixture(provider);
  const [sessions] = fixture.instances;
  const later = { ...(await fixture.signIn()), memberOfALaterRelease: { x: 1 } };
  const cookie = (await sessions?.create(later)) ?? '';
  const changed = await sessions?.replace(cookie, (session) => ({ ...session, moveRefusedAt: '7' }));
  expect(changed).toEqual({ ...later, moveRefusedAt: '7' });
  fixture.nowMs += EXPIRED_MS;
  expect(await sessions?.fresh(cookie)).toMatchObject({ memberOfALaterRelease: { x: 1 }, subject: 'alice' });
});
