import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { type AcceptedJudgement, UnavailableError } from '@crossfade/core';
import {
  createRedisDenylist,
  type Denylist,
  type OpenRedisDenylist,
  openRedisDenylist,
} from '@crossfade/validator/redis';
import { Redis } from 'ioredis';
import { decodeJwt } from 'jose';
import { createClient } from 'redis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Issuer, LEGACY, startIssuer, TARGET } from '../fixture/issuer.ts';
import { type LoopbackServer, startLoopbackServer } from '../fixture/loopback-server.ts';
import { missing } from '../fixture/real-part.ts';
import { type SidecarProgram, startSidecarProgram } from '../fixture/sidecar-program.ts';
import { REDIS, type RedisServer, redisServer } from './fixture/redis-server.ts';

const ISSUER = 'https://idp.example.com';
const SOON = { timeout: 20_000, interval: 50 };
const noRedis = missing(REDIS);

function token(claims: Readonly<Record<string, unknown>>): AcceptedJudgement {
  const issuedAt = typeof claims['iat'] === 'number' ? claims['iat'] : undefined;
  return {
    outcome: 'accepted',
    audience: 'legacy',
    afterClose: 'rejected',
    subject: undefined,
    clientId: undefined,
    scope: [],
    roles: [],
    issuedAt,
    expiresAt: 0,
    claims: { iss: ISSUER, ...claims },
  };
}

function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}

describe.skipIf(noRedis)('a denylist in Redis, through both clients', () => {
  const redis = redisServer();
  const node = createClient({ socket: { path: redis.socket, reconnectStrategy: 50 } }).on('error', () => {});
  const io = new Redis(redis.socket, { lazyConnect: true, retryStrategy: () => 50 }).on('error', () => {});
  const listsBy = (by: 'jti' | 'sid' | 'sub'): [client: string, own: Denylist, other: Denylist][] => {
    const options = { by, timeoutMs: 30_000 };
    const [one, two] = [createRedisDenylist(node, options), createRedisDenylist(io, options)];
    return [
      ['redis', one, two],
      ['ioredis', two, one],
    ];
  };
  const keyOf = (by: string, value: string) =>
    `crossfade:revoked:${by}:${createHash('sha256').update(`${ISSUER}\n${value}`).digest('base64url')}`;

  beforeAll(async () => {
    await redis.start();
    await Promise.all([node.connect(), io.connect()]);
  });
  afterAll(async () => {
    node.destroy();
    io.disconnect();
    await redis.remove();
  });

  it.each(listsBy('jti'))(
    'refuses a token that was revoked through %s at the next lookup of either',
    async (client, own, other) => {
      const jti = `${client}-one`;
      expect(await own.isRevoked(token({ jti }))).toBe(false);
      await own.revoke({ issuer: ISSUER, jti, untilSeconds: inSeconds(60) });

      expect(await Promise.all([own, other].map((list) => list.isRevoked(token({ jti }))))).toEqual([true, true]);
      expect(await other.isRevoked(token({ jti: `${client}-two` }))).toBe(false);
      expect(await node.ttl(keyOf('jti', jti))).toBeGreaterThan(300);
      expect(await node.ttl(keyOf('jti', jti))).toBeLessThanOrEqual(361);
    },
  );

  it.each(listsBy('sub'))(
    'never shortens an entry, whatever order revocations come in, through %s',
    async (client, own, other) => {
      const sub = `${client}-alice`;
      const revoke = (list: Denylist, untilIn: number, atIn: number) =>
        list.revoke({ issuer: ISSUER, sub, untilSeconds: inSeconds(untilIn), revokedAtSeconds: inSeconds(atIn) });
      await Promise.all([revoke(own, 3600, -50), revoke(other, 60, 50), revoke(own, 10, -100)]);

      expect(await own.isRevoked(token({ sub, iat: inSeconds(40) }))).toBe(true);
      expect(await own.isRevoked(token({ sub, iat: inSeconds(60) }))).toBe(false);
      expect(await node.ttl(keyOf('sub', sub))).toBeGreaterThan(3800);
    },
  );

  it('takes the entries of other programs, and keeps one that never ends', async () => {
    const [[, list]] = listsBy('sid') as [[string, Denylist, Denylist]];
    await node.set(keyOf('sid', 's1'), String(inSeconds(0)));
    await list.revoke({ issuer: ISSUER, sid: 's1', untilSeconds: inSeconds(10), revokedAtSeconds: inSeconds(30) });

    expect(await list.isRevoked(token({ sid: 's1', iat: inSeconds(20) }))).toBe(true);
    expect(await node.ttl(keyOf('sid', 's1'))).toBe(-1);
    await node.set(keyOf('sid', 's2'), 'revoked');
    await expect(list.isRevoked(token({ sid: 's2' }))).rejects.toThrow(UnavailableError);
  });

  it('holds no claim in a key or value', async () => {
    const [[, list]] = listsBy('sub') as [[string, Denylist, Denylist]];
    await list.revoke({ issuer: ISSUER, sub: 'bob@example.com', untilSeconds: inSeconds(60) });
    const keys = await node.keys('*');

    expect(keys.join()).not.toMatch(/bob|example/);
    for (const value of await node.mGet(keys)) expect(value).toMatch(/^(\d+|revoked)$/);
  });
});

describe.skipIf(noRedis)('a denylist with a connection of its own', () => {
  const PASSWORD = 'p@ss%word hunter2';
  let redis: RedisServer;
  let list: OpenRedisDenylist;
  beforeEach(async () => {
    redis = redisServer(PASSWORD);
    await redis.start();
    list = openRedisDenylist(createClient, { url: `${redis.url()}/1`, by: 'jti', timeoutMs: 500 });
    await vi.waitFor(() => list.connected(), SOON);
  });
  afterEach(async () => {
    list.close();
    await redis.remove();
  });

  const isRevoked = async () => list.isRevoked(token({ jti: 't1' }));
  const back = () => vi.waitFor(async () => expect(await isRevoked()).toBe(false), SOON);

  it.each(['kill', 'stop'] as const)('is unavailable after a %s, and heals when Redis is back', async (how) => {
    await back();
    await redis[how]();
    await expect(isRevoked()).rejects.toThrow(UnavailableError);

    await redis.start();
    await back();
  });

  it('is unavailable within its timeout while Redis hangs, and heals when it goes on', async () => {
    redis.hang();
    for (let time = 0; time < 15; time += 1) await expect(isRevoked()).rejects.toThrow(UnavailableError);

    redis.resume();
    await back();
  });

  it('prints no password, right or wrong', async () => {
    const wrong = openRedisDenylist(createClient, {
      url: redis.url().replace(/:[^:@]+@/, ':hunter2-wrong@'),
      by: 'jti',
      timeoutMs: 500,
    });
    const errors = await Promise.all([
      wrong.connected().catch((error: unknown) => error),
      Promise.resolve(wrong.isRevoked(token({ jti: 't1' }))).catch((error: unknown) => error),
    ]);
    wrong.close();

    for (const error of errors) expect(error).toBeInstanceOf(UnavailableError);
    expect(inspect(errors, { depth: 9, showHidden: true })).not.toContain('hunter2');
  });
});

describe.skipIf(noRedis)('sidecars that share a denylist in Redis', () => {
  const redis = redisServer();
  let [issuer, api]: [Issuer | undefined, LoopbackServer | undefined] = [undefined, undefined];
  let sidecars: SidecarProgram[] = [];
  let list: OpenRedisDenylist;

  beforeAll(async () => {
    await redis.start();
    list = openRedisDenylist(createClient, { url: redis.url(), by: 'jti', timeoutMs: 30_000 });
    [issuer, api] = [await startIssuer(), await startLoopbackServer((_, response) => response.end('ok'))];
    const plan = { revocation: { redis: 'redis://replaced-by-the-environment', by: 'jti' } };
    const env = { CROSSFADE_REVOCATION_REDIS: redis.url() };
    const common = { issuer: issuer.url, upstream: api.url, plan, env };
    sidecars = await Promise.all([
      startSidecarProgram({ ...common, mode: 'proxy', sidecar: { judge: 'enforce' } }),
      startSidecarProgram({ ...common, mode: 'proxy', sidecar: { judge: 'enforce', fastPath: false } }),
      startSidecarProgram({ issuer: issuer.url, mode: 'forward-auth', plan, env }),
      startSidecarProgram({ ...common, mode: 'proxy', sidecar: { judge: 'observe' } }),
    ]);
  });
  afterAll(async () => {
    list.close();
    await Promise.all(sidecars.map((sidecar) => sidecar.remove()));
    await Promise.all([issuer?.close(), api?.close(), redis.remove()]);
  });

  const mint = async (audience: string) => (await issuer?.mint(audience)) ?? '';
  const send = (text: string) =>
    Promise.all(
      sidecars.map(({ port }) =>
        fetch(`http://127.0.0.1:${port}/orders`, { headers: { authorization: `Bearer ${text}` } }),
      ),
    );
  const statuses = async (text: string) => (await send(text)).map(({ status }) => status);
  /** A machine under load may take Redis longer than a request waits: that is 503, and neither yes nor no. */
  const sendUntilJudged = (text: string) =>
    vi.waitFor(async () => {
      const responses = await send(text);
      expect(responses.map(({ status }) => status)).not.toContain(503);
      return responses;
    }, SOON);
  const judged = async (text: string) => (await sendUntilJudged(text)).map(({ status }) => status);
  const revoke = (text: string) => {
    const { jti = '', exp = 0 } = decodeJwt(text);
    return list.revoke({ issuer: issuer?.url ?? '', jti, untilSeconds: exp });
  };

  it('all refuse a revoked token at the next request; the observing one says that the API takes it', async () => {
    const [revoked, kept] = await Promise.all([mint(TARGET), mint(LEGACY)]);
    expect(await judged(revoked)).toEqual([200, 200, 200, 200]);
    await list.connected();
    await revoke(revoked);

    const responses = await sendUntilJudged(revoked);
    expect(responses.map(({ status }) => status)).toEqual([401, 401, 401, 200]);
    expect(responses[0]?.headers.get('www-authenticate')).toContain('was revoked');
    expect(await responses[0]?.json()).toMatchObject({ reason: 'revoked' });
    expect(await judged(kept)).toEqual([200, 200, 200, 200]);
    await vi.waitFor(async () => {
      await sendUntilJudged(revoked);
      const status = await sidecars[3]?.status();
      expect(status).toMatchObject({ disagreements: { reasons: { revoked: expect.any(Number) } } });
    }, SOON);
  });

  it.each<[string, () => unknown, () => unknown]>([
    ['is killed', () => redis.kill(), () => redis.start()],
    ['hangs', () => redis.hang(), () => redis.resume()],
  ])('say 503 while Redis %s, never yes, and none of them needs a restart', async (_, fail, heal) => {
    const known = await mint(TARGET);
    expect(await judged(known)).toEqual([200, 200, 200, 200]);
    const before = await unavailable();
    await fail();

    for (const text of [known, await mint(TARGET)]) {
      const responses = await send(text);
      expect(responses.map(({ status }) => status)).toEqual([503, 503, 503, 200]);
      for (const response of responses.slice(0, 3)) {
        expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      }
    }
    await vi.waitFor(async () => {
      for (const [index, count] of (await unavailable()).entries()) {
        expect(count).toBeGreaterThanOrEqual((before[index] ?? 0) + 2);
      }
    }, SOON);
    const ready = await Promise.all(sidecars.map(({ adminUrl }) => fetch(`${adminUrl}/readyz`)));
    expect(ready.map(({ status }) => status)).toEqual([200, 200, 200, 200]);

    await heal();
    await vi.waitFor(async () => expect(await statuses(known)).toEqual([200, 200, 200, 200]), SOON);
  });

  /** What each sidecar could not judge because of the denylist. */
  function unavailable(): Promise<number[]> {
    return Promise.all(
      sidecars.map(async ({ adminUrl }) => {
        const metrics = await (await fetch(`${adminUrl}/metrics`)).text();
        return Number(/^crossfade_unavailable_total\{cause="revocation".*\} (\d+)$/m.exec(metrics)?.[1]);
      }),
    );
  }
});
