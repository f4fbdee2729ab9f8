import { ConfigError, UnavailableError } from '@crossfade/core';
import { describe, expect, test } from 'vitest';
import { createRedisReplayStore, type IoRedisClient, type NodeRedisClient } from '../src/redis.ts';

/** Answers like Redis to one command, and remembers with what it was called. */
function nodeRedis(answer: () => Promise<unknown>): NodeRedisClient & { calls: unknown[][] } {
  const calls: unknown[][] = [];
  return {
    calls,
    set(...call) {
      calls.push(call);
      return answer();
    },
  };
}

function ioRedis(answer: () => Promise<unknown>): IoRedisClient & { calls: unknown[][] } {
  const calls: unknown[][] = [];
  return {
    calls,
    set(...call) {
      calls.push(call);
      return answer();
    },
    call: answer,
  };
}

describe('createRedisReplayStore', () => {
  test('sets a key that must not be there, with its time, in one command of either client', async () => {
    const [node, io] = [nodeRedis(async () => 'OK'), ioRedis(async () => 'OK')];

    expect(await createRedisReplayStore(node).claim('a', 66)).toBe(true);
    expect(await createRedisReplayStore(io, { prefix: 'orders:' }).claim('a', 66)).toBe(true);
    const expiration = { type: 'EX', value: 66 };
    expect(node.calls).toEqual([['crossfade:dpop:a', '', { condition: 'NX', expiration }]]);
    expect(io.calls).toEqual([['orders:a', '', 'EX', 66, 'NX']]);
  });

  test('remembers rather too long than too short', async () => {
    const io = ioRedis(async () => 'OK');
    await createRedisReplayStore(io).claim('a', 0.2);
    await createRedisReplayStore(io).claim('a', 65.1);

    expect(io.calls.map((call) => call[3])).toEqual([1, 66]);
  });

  test('knows a key that is there already', async () => {
    expect(await createRedisReplayStore(nodeRedis(async () => null)).claim('a', 66)).toBe(false);
    expect(await createRedisReplayStore(ioRedis(async () => null)).claim('a', 66)).toBe(false);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['refuses', () => Promise.reject(new Error('ECONNREFUSED'))],
    ['does not answer in time', () => new Promise(() => {})],
    ['answers something else', async () => 'QUEUED'],
    ['answers nothing', async () => undefined],
    [
      'throws',
      () => {
        throw new Error('The client is closed');
      },
    ],
  ])('is unavailable while Redis %s, and lets nothing through', async (_, answer) => {
    for (const client of [nodeRedis(answer), ioRedis(answer)]) {
      const claim = createRedisReplayStore(client, { timeoutMs: 20 }).claim('a', 66);
      await expect(claim).rejects.toThrow(UnavailableError);
    }
  });

  test('refuses what is no client, and a time that is none', () => {
    const client = nodeRedis(async () => 'OK');

    expect(() => createRedisReplayStore({} as NodeRedisClient)).toThrow(ConfigError);
    expect(() => createRedisReplayStore(undefined as unknown as NodeRedisClient)).toThrow(ConfigError);
    expect(() => createRedisReplayStore(client, { timeoutMs: 0 })).toThrow(/timeoutMs/);
    expect(() => createRedisReplayStore(client, { timeoutMs: Number.NaN })).toThrow(/timeoutMs/);
  });
});
