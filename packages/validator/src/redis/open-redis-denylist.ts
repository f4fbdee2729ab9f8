import type { Denylist } from '../revocation/denylist.ts';
import { redisUnavailable } from './redis-client.ts';
import { type CreateRedisClient, openRedisConnection } from './redis-connection.ts';
import { createRedisDenylist, DENYLIST, type RedisDenylistOptions } from './redis-denylist.ts';

/** Options of {@link openRedisDenylist}. */
export interface OpenRedisDenylistOptions extends RedisDenylistOptions {
  /** A `redis:` or `rediss:` URL, credentials included. */
  readonly url: string;
}

/** A denylist with a connection of its own. */
export interface OpenRedisDenylist extends Denylist {
  /**
   * Waits until Redis can be asked.
   * @throws {@link UnavailableError} when it cannot be asked within `timeoutMs`.
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
  const { timeoutMs = 1000 } = options;
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
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(
          () => reject(redisUnavailable(DENYLIST, 'cannot be reached', { dependency: 'revocation' })),
          timeoutMs,
        );
      });
      try {
        await Promise.race([connection.connected, late]);
      } finally {
        clearTimeout(timer);
      }
    },
    wasConnected: connection.wasConnected,
    close: connection.close,
  };
}
