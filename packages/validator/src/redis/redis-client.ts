import { ConfigError, type Dependency, UnavailableError } from '@crossfade/core';
import { settleWithin } from '../http/timeout.ts';

/** The part of a `redis` (node-redis) client, pool or cluster that a replay store uses. */
export interface NodeRedisClient {
  set(
    key: string,
    value: string,
    options: { readonly condition: 'NX'; readonly expiration: { readonly type: 'EX'; readonly value: number } },
  ): Promise<unknown>;
}

/** The part of an `ioredis` client or cluster that a replay store uses. */
export interface IoRedisClient {
  set(key: string, value: string, ex: 'EX', seconds: number, nx: 'NX'): Promise<unknown>;
  /** Tells an `ioredis` client from a `redis` one. */
  call(command: string, ...args: string[]): Promise<unknown>;
}

/** Runs one command. Rejects with `UnavailableError` where Redis fails or does not reply in time. */
export type RunCommand = (command: () => Promise<unknown>) => Promise<unknown>;

const RETRY_AFTER_SECONDS = 2;

/**
 * Checks the timeout of a store in Redis, and runs its commands with it.
 * @param subject names the store in errors.
 * @throws {@link ConfigError} when the client or the timeout is wrong.
 */
export function redisCommands(
  subject: string,
  { client, method, timeoutMs }: { client: unknown; method: string; timeoutMs: number },
  dependency?: Dependency,
): RunCommand {
  if (typeof (client as Record<string, unknown> | null | undefined)?.[method] !== 'function') {
    throw new ConfigError(subject, [{ path: 'client', message: 'is required: a redis or ioredis client' }]);
  }
  if (!Number.isFinite(timeoutMs) || timeoutMs <= 0) {
    throw new ConfigError(subject, [{ path: 'timeoutMs', message: 'must be a number above 0' }]);
  }
  return async (command) => {
    try {
      return await settleWithin(timeoutMs, command());
    } catch (cause) {
      throw redisUnavailable(subject, 'cannot be reached', { dependency, cause });
    }
  };
}

/** Redis, or what it holds, is of no use at the moment. */
export function redisUnavailable(
  subject: string,
  what: string,
  { dependency, cause }: { dependency?: Dependency | undefined; cause?: unknown },
): UnavailableError {
  return new UnavailableError(`the ${subject} ${what}`, {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    ...(dependency !== undefined && { dependency }),
    ...(cause !== undefined && { cause }),
  });
}
