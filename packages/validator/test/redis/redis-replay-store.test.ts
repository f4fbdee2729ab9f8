import { ConfigError, UnavailableError } from '@crossfade/core';
import { describe, expect, test } from 'vitest';
import type { IoRedisClient, NodeRedisClient } from '../../src/redis/redis-client.ts';
import { createRedisReplayStore } from '../../src/redis/redis-replay-store.ts';

/** Replies like Redis to one command, and records its arguments. */
function nodeRedis(reply: () => Promise<unknown>): NodeRedisClient & { calls: unknown[][] } {
  const calls: unknown[][] = [];
  return {
    calls,
    set(...call) {
      calls.push(call);
      return reply();
    },
  };
}

function ioRedis(reply: () => Promise<unknown>): IoRedisClient & { calls: unknown[][] } {
  const calls: unknown[][] = [];
  return {
    calls,
    set(...call) {
      calls.push(call);
      return reply();
    },
    call: reply,
  };
}

describe('createRedisReplayStore', () => {
  test('sets a new key with its TTL in one command of either client', async () => {
    const [node, io] = [nodeRedis(async () => 'OK'), ioRedis(async () => 'OK')];

    expect(await createRedisReplayStore(node).claim('a', 66)).toBe(true);
    expect(await createRedisReplayStore(io, { prefix: 'orders:' }).claim('a', 66)).toBe(true);
    const expiration = { type: 'EX', value: 66 };
    expect(node.calls).toEqual([['crossfade:dpop:a', '', { condition: 'NX', expiration }]]);
    expect(io.calls).toEqual([['orders:a', '', 'EX', 66, 'NX']]);
  });

  test('rounds the TTL up', async () => {
    const io = ioRedis(async () => 'OK');
    await createRedisReplayStore(io).claim('a', 0.2);
    await createRedisReplayStore(io).claim('a', 65.1);

    expect(io.calls.map((call) => call[3])).toEqual([1, 66]);
  });

  test('reports a key that exists already', async () => {
    expect(await createRedisReplayStore(nodeRedis(async () => null)).claim('a', 66)).toBe(false);
    expect(await createRedisReplayStore(ioRedis(async () => null)).claim('a', 66)).toBe(false);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['refuses connections', () => Promise.reject(new Error('ECONNREFUSED'))],
    ['does not reply in time', () => new Promise(() => {})],
    ['replies something else', async () => 'QUEUED'],
    ['replies nothing', async () => undefined],
    [
      'throws',
      () => {
        throw new Error('The client is closed');
      },
    ],
  ])('is unavailable while Redis %s, and accepts no proof', async (_, reply) => {
    for (const client of [nodeRedis(reply), ioRedis(reply)]) {
      const claim = createRedisReplayStore(client, { timeoutMs: 20 }).claim('a', 66);
      await expect(claim).rejects.toThrow(UnavailableError);
    }
  });

  test('rejects a wrong client and a wrong timeout', () => {
    const client = nodeRedis(async () => 'OK');

    expect(() => createRedisReplayStore({} as NodeRedisClient)).toThrow(ConfigError);
    expect(() => createRedisReplayStore(undefined as unknown as NodeRedisClient)).toThrow(ConfigError);
    expect(() => createRedisReplayStore(client, { timeoutMs: 0 })).toThrow(/timeoutMs/);
    expect(() => createRedisReplayStore(client, { timeoutMs: Number.NaN })).toThrow(/timeoutMs/);
  });
});
