import { settleWithin } from '../http/timeout.ts';
import type { Denylist } from '../revocation/denylist.ts';
import { redisUnavailable } from './redis-client.ts';
import { type CreateRedisClient, openRedisConnection, reasonOf } from './redis-connection.ts';
import { createRedisDenylist, DEFAULT_PREFIX, DENYLIST, type RedisDenylistOptions } from './redis-denylist.ts';

/** Options of {@link openRedisDenylist}. */
export interface OpenRedisDenylistOptions extends RedisDenylistOptions {
  /** A `redis:` or `rediss:` URL, credentials included. */
  readonly url: string;
}

/** A denylist with a connection of its own. */
export interface OpenRedisDenylist extends Denylist {
  /**
   * Waits until Redis has replied to a lookup.
   * @throws {@link UnavailableError} when it does not within `timeoutMs`, or refuses the lookup.
   */
  connected(): Promise<void>;
  /** Whether Redis could be asked at some time. */
  wasConnected(): boolean;
  /** Ends the connection, which keeps the process alive until then. `isRevoked` rejects from then on. */
  close(): void;
}

/**
 * Creates a {@link createRedisDenylist | denylist in Redis} with a connection of its own: it connects in the background,
 * and reconnects by itself, also where Redis went silent. While there is no connection, requests get 503 at once.
 *
 * @param createClient - of node-redis 5, from `redis` or `@redis/client`.
 * @throws {@link ConfigError} when an option is wrong. No message holds the URL.
 * @example
 * const denylist = openRedisDenylist(createClient, { url: 'redis://localhost:6379', by: 'jti' });
 * const validator = createValidator({ ...options, isRevoked: denylist.isRevoked });
 */
export function openRedisDenylist(
  createClient: CreateRedisClient,
  { url, ...options }: OpenRedisDenylistOptions,
): OpenRedisDenylist {
  const { timeoutMs = 1000, prefix = DEFAULT_PREFIX } = options;
  const connection = openRedisConnection(createClient, url);
  let denylist: Denylist;
  try {
    denylist = createRedisDenylist(connection, options);
  } catch (error) {
    connection.close();
    throw error;
  }

  return {
    ...denylist,
    async connected() {
      try {
        await settleWithin(timeoutMs, connection.connected);
        // A user that may connect need not be one that may read.
        await settleWithin(timeoutMs, connection.get(`${prefix}probe`));
      } catch (cause) {
        const reason = connection.problem() ?? reasonOf(cause) ?? 'no reply';
        throw redisUnavailable(DENYLIST, `cannot be asked: ${reason}`, { dependency: 'revocation', cause });
      }
    },
    wasConnected: connection.wasConnected,
    close: connection.close,
  };
}
