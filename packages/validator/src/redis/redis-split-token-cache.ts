import { ConfigError } from '@crossfade/core';
import type { SplitTokenCache } from '../exchange/split-token-exchange.ts';
import { redisCommands, redisUnavailable } from './redis-client.ts';

/** The part of a `redis` or `ioredis` client that a cache of split tokens uses. */
export interface RedisGetClient {
  get(key: string): Promise<unknown>;
}

/** Options of {@link createRedisSplitTokenCache}. */
export interface RedisSplitTokenCacheOptions {
  /** In front of every key. Default: `crossfade:split:`. */
  readonly prefix?: string;
  /** How long a request waits for Redis before it gets 503. Default: 1000. */
  readonly timeoutMs?: number;
}

const CACHE = 'Redis cache of split tokens';

/**
 * Creates a cache of split tokens in Redis, which the issuer fills: `<prefix><key>` holds `<header>.<payload>`. It neither
 * connects nor closes the client, which is yours.
 * @throws {@link ConfigError} when `client` is not a Redis client, or an option is wrong.
 */
export function createRedisSplitTokenCache(
  client: RedisGetClient,
  options: RedisSplitTokenCacheOptions = {},
): SplitTokenCache {
  const { prefix = 'crossfade:split:', timeoutMs = 1000 } = options;
  if (typeof prefix !== 'string') throw new ConfigError(CACHE, [{ path: 'prefix', message: 'must be a text' }]);
  const run = redisCommands(CACHE, { client, method: 'get', timeoutMs }, 'exchange');
  return {
    async get(key) {
      const value = await run(() => client.get(`${prefix}${key}`));
      if (value === null || typeof value === 'string') return value ?? undefined;
      throw redisUnavailable(CACHE, 'holds an entry that is no text', { dependency: 'exchange' });
    },
  };
}
