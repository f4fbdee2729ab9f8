import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ProviderFixture, startProvider } from '../../../packages/client/test/fixture/provider-fixture.ts';
import { type LoopbackServer, startLoopbackServer } from '../fixture/loopback-server.ts';
import { missing } from '../fixture/real-part.ts';
import { REDIS, type RedisServer, redisServer } from './fixture/redis-server.ts';
import {
  PUBLIC_URL,
  REDIRECT_URI,
  type SessionInstance,
  signIn,
  startSessionInstance,
} from './fixture/session-instances.ts';

/** The provider's access tokens live for 300 s: due for a renewal, and expired. */
const DUE_MS = 245_000;
const EXPIRED_MS = 301_000;
const SESSIONS = 50;
const REQUESTS = 20;

describe.skipIf(missing(REDIS))('the race of refreshes', () => {
  let provider: ProviderFixture;
  let api: LoopbackServer;
  let redis: RedisServer;
  let instances: SessionInstance[];

  beforeEach(async () => {
    provider = await startProvider({ redirectUri: REDIRECT_URI });
    api = await startLoopbackServer(async (request, response) => {
      await delay(100);
      response.writeHead(request.headers.authorization === undefined ? 401 : 200).end();
    });
    redis = redisServer(undefined, { isPersistent: true });
    await redis.start();
    instances = [];
  });
  afterEach(async () => {
    await Promise.all(instances.map(({ program }) => program.stop()));
    await Promise.all([provider.close(), api.close(), redis.remove()]);
  });

  async function start(count: number, url?: string): Promise<string[]> {
    const options = { provider, api: api.url, ...(url !== undefined && { redis: url }) };
    for (let index = 0; index < count; index += 1) instances.push(await startSessionInstance(options));
    const cookies: string[] = [];
    for (let index = 0; index < SESSIONS; index += 1) cookies.push(await signIn(at(index), provider));
    return cookies;
  }

  function at(index: number): SessionInstance {
    const instance = instances[index % instances.length];
    if (instance === undefined) throw new Error('there is an instance');
    return instance;
  }

  async function moveClock(ms: number): Promise<void> {
    await Promise.all(instances.map((instance) => instance.request(`/clock?ms=${ms}`, { method: 'POST' })));
  }

  const refreshes = () => provider.requests.filter((grant) => grant === 'refresh_token').length;

  interface Answer {
    /** Empty, or why there was no response of the API. */
    readonly problem: string;
    readonly status: number;
    readonly ms: number;
  }

  async function ask(cookie: string, index: number): Promise<Answer> {
    const startMs = performance.now();
    const response = await at(index).request('/data', { headers: { cookie } });
    return { problem: await response.text(), status: response.status, ms: performance.now() - startMs };
  }

  /** Every session requests the page's parts, spread over the instances and over `spreadMs`. */
  function askAll(cookies: readonly string[], spreadMs = 0): Promise<Answer[]> {
    return Promise.all(
      cookies.flatMap((cookie) =>
        Array.from({ length: REQUESTS }, async (_, index) => {
          await delay((spreadMs * index) / REQUESTS);
          return ask(cookie, index);
        }),
      ),
    );
  }

  function report(what: string, answers: readonly Answer[]): void {
    const sorted = answers.map(({ ms }) => ms).sort((a, b) => a - b);
    const lost = answers.filter(({ status }) => status !== 200);
    const [median, slowest] = [sorted[Math.floor(sorted.length / 2)] ?? 0, sorted.at(-1) ?? 0];
    process.stdout.write(
      `${what}: ${lost.length} of ${answers.length} lost, ${refreshes()} refreshes of ${SESSIONS} sessions, ` +
        `median ${Math.round(median)} ms, slowest ${Math.round(slowest)} ms\n`,
    );
    expect([...new Set(lost.map(({ status, problem }) => `${status} ${problem}`))]).toEqual([]);
  }

  it.each([
    ['in memory', 1, false],
    ['in Redis', 1, true],
    ['of two instances, in Redis', 2, true],
  ])('loses none of 1,000 parallel requests at refresh time, with sessions %s', async (name, count, isShared) => {
    const cookies = await start(count, isShared ? redis.url() : undefined);
    await moveClock(EXPIRED_MS);
    report(`parallel, ${name}`, await askAll(cookies));
    expect(refreshes()).toBe(SESSIONS);
  });

  it('loses none of 1,000 requests that come one after another to two instances', async () => {
    const cookies = await start(2, redis.url());
    await moveClock(EXPIRED_MS);
    report('staggered', await askAll(cookies, 1000));
    expect(refreshes()).toBe(SESSIONS);
  });

  it('keeps users logged out who log out during a refresh', async () => {
    const cookies = await start(2, redis.url());
    await moveClock(EXPIRED_MS);
    const headers = { origin: PUBLIC_URL, accept: 'application/json' };
    const racing = Promise.all(cookies.flatMap((cookie) => [ask(cookie, 0), ask(cookie, 1)]));
    const logouts = await Promise.all(
      cookies.map((cookie, index) =>
        at(index + 1).request('/auth/logout', { method: 'POST', headers: { ...headers, cookie } }),
      ),
    );
    expect(logouts.map(({ status }) => status)).toEqual(cookies.map(() => 200));
    await racing;
    const later = await Promise.all(cookies.flatMap((cookie) => [ask(cookie, 0), ask(cookie, 1)]));
    expect(new Set(later.map(({ status }) => status))).toEqual(new Set([401]));
  });

  it('keeps what an instance got that is paused in the middle of a refresh', async () => {
    const cookies = await start(2, redis.url());
    await moveClock(EXPIRED_MS);
    let respond = () => {};
    provider.held = new Promise<void>((resolve) => {
      respond = resolve;
    });
    const early = Promise.all(cookies.map((cookie) => ask(cookie, 0)));
    await vi.waitFor(() => expect(refreshes()).toBe(SESSIONS), { timeout: 10_000 });
    const paused = at(0).program.pid;
    process.kill(paused, 'SIGSTOP');
    respond();
    const late = Promise.all(cookies.map((cookie) => ask(cookie, 1)));
    await delay(3000);
    process.kill(paused, 'SIGCONT');
    report('an instance pauses for 3 s', [...(await early), ...(await late)]);
    expect(refreshes()).toBe(SESSIONS);
  });

  it('delays no request that has a valid token while the provider hangs for 12 s, and loses no session by it', async () => {
    const cookies = await start(2, redis.url());
    await moveClock(DUE_MS);
    provider.held = delay(12_000);
    const answers: Answer[] = [];
    for (let round = 0; round < 60; round += 1) {
      const some = cookies.filter((_, index) => index % 3 === round % 3);
      answers.push(...(await Promise.all(some.map((cookie, index) => ask(cookie, round + index)))));
      await delay(200);
    }
    report('provider hangs for 12 s', answers);
    expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(1000);
    await provider.held;
    await vi.waitFor(() => expect(refreshes()).toBe(SESSIONS), { timeout: 10_000 });
    provider.held = undefined;
    await moveClock(EXPIRED_MS - DUE_MS);
    report('after it', await askAll(cookies));
    expect(refreshes()).toBe(SESSIONS);
  });

  it('serves valid tokens while Redis is dead, and goes on when it is back', async () => {
    const cookies = await start(2, redis.url());
    report('before Redis dies', await askAll(cookies));
    await moveClock(DUE_MS);
    await redis.kill();
    report('Redis is dead', await askAll(cookies, 2000));
    expect(refreshes()).toBe(0);
    await redis.start();
    await moveClock(EXPIRED_MS - DUE_MS);
    await vi.waitFor(async () => expect((await ask(cookies[0] ?? '', 0)).status).toBe(200), { timeout: 10_000 });
    await vi.waitFor(async () => expect((await ask(cookies[0] ?? '', 1)).status).toBe(200), { timeout: 10_000 });
    report('Redis is back', await askAll(cookies));
    expect(refreshes()).toBe(SESSIONS);
  });

  it('serves valid tokens while Redis hangs for 3 s in the middle of the refreshes', async () => {
    const cookies = await start(2, redis.url());
    report('before Redis hangs', await askAll(cookies));
    await moveClock(DUE_MS);
    const answering = askAll(cookies, 5000);
    await vi.waitFor(() => expect(refreshes()).toBeGreaterThan(5), { timeout: 10_000 });
    redis.hang();
    await delay(3000);
    redis.resume();
    report('Redis hangs for 3 s', await answering);
    await vi.waitFor(
      async () => {
        await askAll(cookies);
        expect(refreshes()).toBe(SESSIONS);
      },
      { timeout: 60_000, interval: 1000 },
    );
    await moveClock(EXPIRED_MS - DUE_MS);
    report('after it', await askAll(cookies));
    expect(refreshes()).toBe(SESSIONS);
  });
});
