import type { ReplayStore } from '../dpop/replay-store.ts';
import { type IoRedisClient, type NodeRedisClient, redisCommands, redisUnavailable } from './redis-client.ts';

/** Settings of a {@link createRedisReplayStore}. */
export interface RedisReplayStoreOptions {
  /** In front of every key. Default: `crossfade:dpop:`. Instances that guard the same API must agree. */
  readonly prefix?: string;
  /** How long a request waits for Redis before it gets 503. Default: 1000. */
  readonly timeoutMs?: number;
}

const SUBJECT = 'Redis replay store';

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
  const run = redisCommands(SUBJECT, { client, method: 'set', timeoutMs });

  return {
    async claim(key, ttlSeconds) {
      const seconds = Math.max(1, Math.ceil(ttlSeconds));
      const reply = await run(() => setIfAbsent(client, prefix + key, seconds));
      if (reply !== 'OK' && reply !== null) throw redisUnavailable(SUBJECT, 'sent an unknown reply', {});
      return reply === 'OK';
    },
  };
}

function setIfAbsent(client: NodeRedisClient | IoRedisClient, key: string, seconds: number): Promise<unknown> {
  if ('call' in client) return client.set(key, '', 'EX', seconds, 'NX');
  return client.set(key, '', { condition: 'NX', expiration: { type: 'EX', value: seconds } });
}
