import { createRedisSessionStore } from '@crossfade/client/redis';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { describeSessionStore } from '../../../packages/client/test/session/session-store-contract.ts';
import { missing } from '../fixture/real-part.ts';
import { REDIS, redisServer } from './fixture/redis-server.ts';

describe.skipIf(missing(REDIS))('sessions in Redis', () => {
  const redis = redisServer();
  const node = createClient({
    socket: { path: redis.socket, reconnectStrategy: 50 },
    disableOfflineQueue: true,
  }).on('error', () => {});
  const io = new Redis(redis.socket, { lazyConnect: true, retryStrategy: () => 50 }).on('error', () => {});
  const store = createRedisSessionStore({ client: node });

  beforeAll(async () => {
    await redis.start();
    await Promise.all([node.connect(), io.connect()]);
  });
  afterAll(async () => {
    node.destroy();
    io.disconnect();
    await redis.remove();
  });
  beforeEach(() => node.flushAll());

  describeSessionStore('Redis', () => store);
  describeSessionStore('Redis by ioredis', () => createRedisSessionStore({ client: io }));

  it('leaves nothing that does not expire, and nothing at all once its sessions have ended', async () => {
    const session = { sealed: 'sealed', version: '1', sub: 'alice', sid: 'there' };
    await store.create('one', session, 60_000);
    await store.create('two', { ...session, sid: 'elsewhere' }, 30_000);
    await store.lock('one', 0, 1000);
    const ttls = await Promise.all((await node.keys('*')).map((key) => node.pTTL(key)));
    expect(ttls).toHaveLength(6);
    expect(Math.min(...ttls)).toBeGreaterThan(0);
    expect(await node.pTTL('crossfade:session:sub:alice')).toBeGreaterThan(30_000);
    expect(await store.deleteWhere({ sub: 'alice' })).toBe(2);
    await vi.waitFor(async () => expect(await node.keys('*')).toEqual([]), { timeout: 5000 });
  });

  it('ends the session of a user that would end first when there are more than a thousand', async () => {
    const session = { sealed: 'sealed', version: '1', sub: 'robot' };
    for (let index = 0; index <= 1000; index += 1) await store.create(`robot-${index}`, session, 60_000 + index * 100);
    expect(await store.get('robot-0')).toBeUndefined();
    expect(await store.get('robot-1')).toBeDefined();
    expect(await store.deleteWhere({ sub: 'robot' })).toBe(1000);
    expect(await node.keys('*')).toEqual([]);
  });

  it('fails in time while Redis hangs, and gives back a lock that it got too late', async () => {
    const impatient = createRedisSessionStore({ client: node, timeoutMs: 100 });
    redis.hang();
    const startMs = performance.now();
    try {
      await expect(impatient.get('key')).rejects.toMatchObject({ code: 'unavailable' });
      await expect(impatient.lock('key', 10_000, 60_000)).rejects.toMatchObject({ code: 'unavailable' });
      await expect(impatient.delete('key')).rejects.toMatchObject({ code: 'unavailable' });
      expect(performance.now() - startMs).toBeLessThan(2000);
    } finally {
      redis.resume();
    }
    const release = await store.lock('key', 10_000, 1000);
    expect(release).toBeDefined();
  });

  it('fails while Redis is down, and works again afterwards', async () => {
    await redis.kill();
    await expect(store.get('key')).rejects.toMatchObject({ code: 'unavailable', retryAfterSeconds: 2 });
    await expect(store.create('key', { sealed: 's', version: '1' }, 1000)).rejects.toMatchObject({
      code: 'unavailable',
    });
    await redis.start();
    await vi.waitFor(async () => expect(await store.get('key')).toBeUndefined(), { timeout: 10_000 });
  });
});
