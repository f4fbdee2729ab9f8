import { ConfigError, UnavailableError } from '@crossfade/core';
import { settleWithin } from '../provider/settle-within.ts';

/** The part of a `redis` (node-redis) client, pool, sentinel or cluster that a store of sessions uses. */
export interface NodeRedisSessionClient {
  eval(script: string, options: { readonly keys: string[]; readonly arguments: string[] }): Promise<unknown>;
}

/** The part of an `ioredis` client or cluster that a store of sessions uses. */
export interface IoRedisSessionClient {
  eval(script: string, keys: number, ...args: string[]): Promise<unknown>;
  /** Tells an `ioredis` client from a `redis` one. */
  call(command: string, ...args: string[]): Promise<unknown>;
}

export type RedisSessionClient = NodeRedisSessionClient | IoRedisSessionClient;

/** Runs scripts in Redis. */
export interface RedisCommands {
  /**
   * @param late gets a reply that comes after the timeout: the script has run all the same.
   * @throws {@link UnavailableError} where Redis fails, or does not reply in time.
   */
  run(script: string, key: string, args?: readonly string[], late?: (reply: unknown) => void): Promise<unknown>;
}

const SUBJECT = 'Redis session store';
const RETRY_AFTER_SECONDS = 2;

/** @throws {@link ConfigError} when the client or the timeout is wrong. */
export function redisCommands(client: RedisSessionClient, prefix: string, timeoutMs: number): RedisCommands {
  const problems = [
    ...(typeof (client as Partial<RedisSessionClient> | undefined)?.eval === 'function'
      ? []
      : [{ path: 'client', message: 'is required: a client, pool or cluster of redis, or one of ioredis' }]),
    ...(typeof prefix === 'string' ? [] : [{ path: 'prefix', message: 'must be a text' }]),
    ...(Number.isFinite(timeoutMs) && timeoutMs > 0
      ? []
      : [{ path: 'timeoutMs', message: 'must be a number of milliseconds above 0' }]),
  ];
  if (problems.length > 0) throw new ConfigError(SUBJECT, problems);

  return {
    async run(script, key, args = [], late = () => {}) {
      let isLate = false;
      const sent = send(client, script, `${prefix}${key}`, [...args]).then((reply) => {
        if (isLate) late(reply);
        return reply;
      });
      try {
        return await settleWithin(timeoutMs, sent, () => new Error(`no reply within ${timeoutMs} ms`));
      } catch (cause) {
        isLate = true;
        throw redisUnavailable('cannot be reached', cause);
      }
    },
  };
}

async function send(client: RedisSessionClient, script: string, key: string, args: string[]): Promise<unknown> {
  if ('call' in client) return client.eval(script, 1, key, ...args);
  return client.eval(script, { keys: [key], arguments: args });
}

/** Redis, or what it holds, is of no use at the moment. */
export function redisUnavailable(what: string, cause?: unknown): UnavailableError {
  return new UnavailableError(`the ${SUBJECT} ${what}`, {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    ...(cause !== undefined && { cause }),
  });
}
