import { ConfigError, UnavailableError } from '@crossfade/core';
import type { ReplayStore } from './dpop/replay-store.ts';

export type { ReplayStore } from './dpop/replay-store.ts';

/** As much of a `redis` (node-redis) client, pool or cluster as is needed. */
export interface NodeRedisClient {
  set(
    key: string,
    value: string,
    options: { readonly condition: 'NX'; readonly expiration: { readonly type: 'EX'; readonly value: number } },
  ): Promise<unknown>;
}

/** As much of an `ioredis` client or cluster as is needed. */
export interface IoRedisClient {
  set(key: string, value: string, ex: 'EX', seconds: number, nx: 'NX'): Promise<unknown>;
  /** Tells it apart from the other one. */
  call(command: string, ...args: string[]): Promise<unknown>;
}

/** Settings of a {@link createRedisReplayStore}. */
export interface RedisReplayStoreOptions {
  /** In front of every key. Default: `crossfade:dpop:`. Instances that guard the same API must agree. */
  readonly prefix?: string;
  /** How long a request waits for Redis before it is answered 503. Default: 1000. */
  readonly timeoutMs?: number;
}

const RETRY_AFTER_SECONDS = 2;

/**
 * A replay store for many instances: `SET NX EX`, one round trip a proof. It connects and closes nothing; the client
 * is yours. While Redis can't be reached in time every claim rejects with `UnavailableError`, and no replay gets
 * through. A Redis that loses acknowledged writes in a failover may take a proof twice.
 *
 * @throws {@link ConfigError} when `client` is no Redis client, or an option is out of range.
 * @example
 * const client = await createClient({ url: 'redis://localhost:6379' }).on('error', report).connect();
 * const validator = createValidator({ ...options, dpop: { replay: createRedisReplayStore(client) } });
 */
export function createRedisReplayStore(
  client: NodeRedisClient | IoRedisClient,
  options: RedisReplayStoreOptions = {},
): ReplayStore {
  const { prefix = 'crossfade:dpop:', timeoutMs = 1000 } = options;
  if (typeof client?.set !== 'function') {
    throw new ConfigError('redis replay store', [
      { path: 'client', message: 'is required: a redis or ioredis client' },
    ]);
  }
  if (!Number.isFinite(timeoutMs) || timeoutMs <= 0) {
    throw new ConfigError('redis replay store', [{ path: 'timeoutMs', message: 'must be a number above 0' }]);
  }

  return {
    async claim(key, ttlSeconds) {
      const seconds = Math.max(1, Math.ceil(ttlSeconds));
      const answer = await inTime(() => setIfAbsent(client, prefix + key, seconds), timeoutMs);
      if (answer !== 'OK' && answer !== null) throw unavailable();
      return answer === 'OK';
    },
  };
}

function setIfAbsent(client: NodeRedisClient | IoRedisClient, key: string, seconds: number): Promise<unknown> {
  if ('call' in client) return client.set(key, '', 'EX', seconds, 'NX');
  return client.set(key, '', { condition: 'NX', expiration: { type: 'EX', value: seconds } });
}

async function inTime(ask: () => Promise<unknown>, timeoutMs: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unavailable()), timeoutMs);
    timer.unref();
  });
  try {
    return await Promise.race([ask(), late]);
  } catch (error) {
    throw error instanceof UnavailableError ? error : unavailable(error);
  } finally {
    clearTimeout(timer);
  }
}

function unavailable(cause?: unknown): UnavailableError {
  return new UnavailableError('the Redis replay store can not be reached', {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    ...(cause === undefined ? {} : { cause }),
  });
}
