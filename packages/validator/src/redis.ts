import { ConfigError, UnavailableError } from '@crossfade/core';
import type { ReplayStore } from './dpop/replay-store.ts';

export type { ReplayStore } from './dpop/replay-store.ts';

/** The part of a `redis` (node-redis) client, pool or cluster that the store uses. */
export interface NodeRedisClient {
  set(
    key: string,
    value: string,
    options: { readonly condition: 'NX'; readonly expiration: { readonly type: 'EX'; readonly value: number } },
  ): Promise<unknown>;
}

/** The part of an `ioredis` client or cluster that the store uses. */
export interface IoRedisClient {
  set(key: string, value: string, ex: 'EX', seconds: number, nx: 'NX'): Promise<unknown>;
  /** Tells an `ioredis` client from a `redis` one. */
  call(command: string, ...args: string[]): Promise<unknown>;
}

/** Settings of a {@link createRedisReplayStore}. */
export interface RedisReplayStoreOptions {
  /** In front of every key. Default: `crossfade:dpop:`. Instances that guard the same API must agree. */
  readonly prefix?: string;
  /** How long a request waits for Redis before it gets 503. Default: 1000. */
  readonly timeoutMs?: number;
}

const RETRY_AFTER_SECONDS = 2;

/**
 * Creates a replay store for many instances: `SET NX EX`, one round trip per proof. It neither connects nor closes the
 * client, which is yours. While Redis is unreachable, every claim rejects with `UnavailableError` and no replay gets
 * through. A Redis that loses acknowledged writes in a failover may accept a proof twice.
 *
 * @throws {@link ConfigError} when `client` is not a Redis client, or an option is out of range.
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
      const reply = await withTimeout(() => setIfAbsent(client, prefix + key, seconds), timeoutMs);
      if (reply !== 'OK' && reply !== null) throw unavailable();
      return reply === 'OK';
    },
  };
}

function setIfAbsent(client: NodeRedisClient | IoRedisClient, key: string, seconds: number): Promise<unknown> {
  if ('call' in client) return client.set(key, '', 'EX', seconds, 'NX');
  return client.set(key, '', { condition: 'NX', expiration: { type: 'EX', value: seconds } });
}

async function withTimeout(command: () => Promise<unknown>, timeoutMs: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unavailable()), timeoutMs);
    timer.unref();
  });
  try {
    return await Promise.race([command(), late]);
  } catch (error) {
    throw error instanceof UnavailableError ? error : unavailable(error);
  } finally {
    clearTimeout(timer);
  }
}

function unavailable(cause?: unknown): UnavailableError {
  return new UnavailableError('the Redis replay store cannot be reached', {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    ...(cause === undefined ? {} : { cause }),
  });
}
