import { setImmediate as turn } from 'node:timers/promises';
import { UnavailableError } from '@crossfade/core';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LoginSession } from '../../src/login/browser-login.ts';
import { LoginRequiredError } from '../../src/provider/errors.ts';
import { createSessions } from '../../src/session/create-sessions.ts';
import { createMemorySessionStore } from '../../src/session/memory-session-store.ts';
import type { ReleaseLock, SessionStore } from '../../src/session/session-store.ts';

const LIFETIME_SECONDS = 300;
/** By so much the timers advance at each turn of the event loop, whatever the machine: a fast one, a slow one, one that stalls. */
const TURNS_MS = [0.1, 1, 20] as const;
let turnMs = 1;
/** More than any work takes: an hour. */
const MAX_TURNS = 180_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** What may happen between two requests. Numbers are turns of the event loop, or seconds. */
type Step =
  | { readonly type: 'request'; readonly instance: number; readonly isRefused: boolean }
  | { readonly type: 'wait'; readonly turns: number }
  | { readonly type: 'clock'; readonly seconds: number }
  | { readonly type: 'outage'; readonly turns: number }
  | { readonly type: 'provider'; readonly isDown: boolean; readonly turns: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('request' as const), instance: fc.nat(2), isRefused: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('wait' as const), turns: fc.nat(20) }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('clock' as const), seconds: fc.constantFrom(1, 11, 190, 301) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('outage' as const), turns: fc.nat(20) }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('provider' as const), isDown: fc.boolean(), turns: fc.nat(30) }),
  },
);

/** A provider as strict as there are: a refresh token that comes twice ends its family. */
function strictProvider(now: () => number) {
  let count = 1;
  const provider = {
    turns: 0,
    isDown: false,
    reused: 0,
    current: 'r1',
    revoked: [] as string[],
    async refresh(session: LoginSession): Promise<LoginSession> {
      const requestedAt = Math.floor(now() / 1000);
      await wait(provider.turns);
      if (provider.isDown) throw new UnavailableError('the provider is down');
      if (session.refreshToken !== provider.current) {
        provider.reused += 1;
        throw new LoginRequiredError('the refresh token was used twice', { endsSession: true });
      }
      count += 1;
      provider.current = `r${count}`;
      await wait(provider.turns);
      const token = {
        ...session.token,
        accessToken: `a${count}`,
        requestedAt,
        expiresAt: requestedAt + LIFETIME_SECONDS,
      };
      return { ...session, token, refreshToken: `r${count}` };
    },
    async revoke(session: LoginSession): Promise<void> {
      provider.revoked.push(session.refreshToken ?? '');
    },
  };
  return provider;
}

async function wait(turns: number): Promise<void> {
  for (let left = turns; left > 0; left -= 1) {
    await turn();
    vi.advanceTimersByTime(turnMs);
  }
}

/** Lets time pass until work has ended. */
async function ended<T>(work: Promise<T>): Promise<T> {
  let isPending = true;
  const settled = work.finally(() => {
    isPending = false;
  });
  settled.catch(() => {});
  for (let turns = 0; isPending && turns < MAX_TURNS; turns += 1) {
    await turn();
    vi.advanceTimersByTime(20);
  }
  return settled;
}

function login(now: number): LoginSession {
  const requestedAt = Math.floor(now / 1000);
  return {
    issuer: 'https://idp.example.com',
    selection: { side: 'legacy', reason: 'split', revision: '1' },
    token: {
      accessToken: 'a1',
      requestedAt,
      expiresAt: requestedAt + LIFETIME_SECONDS,
      scope: '',
      asked: { side: 'legacy' },
      side: 'legacy',
      revision: '1',
    },
    refreshToken: 'r1',
    subject: 'alice',
  };
}

function world() {
  let nowMs = Date.now();
  let isDown = false;
  /** Locks that were taken while the reply was lost: they last until they expire. */
  const unknown: ReleaseLock[] = [];
  const now = () => nowMs;
  const memory = createMemorySessionStore({ now });
  const fails = async <T>(work: () => Promise<T>): Promise<T> => {
    await turn();
    if (isDown) throw new UnavailableError('the store is down');
    const result = await work();
    // Done, but the reply is lost.
    if (isDown) throw new UnavailableError('the store is down');
    return result;
  };
  const store: SessionStore = {
    get: (...args) => fails(() => memory.get(...args)),
    create: (...args) => fails(() => memory.create(...args)),
    replace: (...args) => fails(() => memory.replace(...args)),
    delete: (...args) => fails(() => memory.delete(...args)),
    deleteWhere: (...args) => fails(() => memory.deleteWhere(...args)),
    // Its clock is that of the lock's holder: no instance is paused for longer than it holds.
    async lock(key, waitMs, holdMs) {
      let release: ReleaseLock | undefined;
      try {
        return await fails(async () => {
          release = await memory.lock(key, waitMs, holdMs * 1_000_000);
          return release;
        });
      } catch (error) {
        if (release !== undefined) unknown.push(release);
        throw error;
      }
    },
  };
  const provider = strictProvider(now);
  const options = { login: provider, store, idleMs: 1e9, absoluteMs: 1e10, now };
  const instances = [createSessions(options), createSessions(options), createSessions(options)] as const;
  return {
    now,
    provider,
    instances,
    advance: (ms: number) => {
      nowMs += ms;
    },
    expireLocks: () => Promise.all(unknown.splice(0).map((release) => release())),
    setDown: (value: boolean) => {
      isDown = value;
    },
  };
}

test('whatever comes when, each refresh token is used once, and the session lives', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...TURNS_MS),
      fc.array(step, { minLength: 5, maxLength: 40 }),
      async (ms, steps) => {
        turnMs = ms;
        const { now, provider, instances, advance, expireLocks, setDown } = world();
        const cookie = await ended(instances[0].create(login(now())));
        const unexpected: unknown[] = [];
        const requests: Promise<void>[] = [];
        let seen = 'a1';
        const request = async (instance: number, not?: string) => {
          try {
            const session = await instances[instance]?.fresh(cookie, { not });
            if (session === undefined) unexpected.push('no session');
            seen = session?.token.accessToken ?? seen;
          } catch (error) {
            if (!(error instanceof UnavailableError)) unexpected.push(error);
          }
        };
        for (const one of steps) {
          if (one.type === 'request') requests.push(request(one.instance, one.isRefused ? seen : undefined));
          if (one.type === 'wait') await wait(one.turns);
          if (one.type === 'clock') advance(one.seconds * 1000);
          if (one.type === 'provider') Object.assign(provider, { isDown: one.isDown, turns: one.turns });
          if (one.type === 'outage') {
            setDown(true);
            await wait(one.turns);
            setDown(false);
          }
        }
        Object.assign(provider, { isDown: false, turns: 0 });
        await ended(Promise.all(requests));
        await ended(Promise.all(instances.map((instance) => instance.settled())));
        // Past every wait after a failure, and every lock.
        advance(121_000);
        await expireLocks();
        await ended(Promise.all([0, 1, 2].map((instance) => request(instance))));
        expect(unexpected).toEqual([]);
        expect(provider.reused).toBe(0);
        expect((await ended(instances[1].fresh(cookie)))?.refreshToken).toBe(provider.current);
        expect(provider.revoked).toEqual([]);
      },
    ),
    { numRuns: 1000 },
  );
});

test('whenever a user logs out, the session stays away, and its last refresh token is revoked', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(12), fc.nat(12), fc.nat(2), fc.nat(2), async (before, turns, by, at) => {
      const { now, provider, instances, advance } = world();
      const cookie = await ended(instances[0].create(login(now())));
      advance(301_000);
      provider.turns = turns;
      const racing = [0, 1, 2].map((instance) => instances[instance]?.fresh(cookie));
      await wait(before);
      const last = instances[by] ?? instances[0];
      const session = await ended(last.end(cookie));
      await ended(Promise.all(racing));
      await ended(Promise.all(instances.map((instance) => instance.settled())));
      expect(await ended((instances[at] ?? instances[0]).fresh(cookie))).toBeUndefined();
      expect([session?.refreshToken, ...provider.revoked]).toContain(provider.current);
    }),
    { numRuns: 300 },
  );
});
