import { createHash } from 'node:crypto';
import type { Clock } from '@crossfade/core';
import { customOption, expected } from '@crossfade/core/schema';
import { z } from 'zod';
import {
  checkDenylistOptions,
  concerns,
  type Denylist,
  type DenylistClaim,
  type DenylistEntry,
  denylistClaim,
  entryNameOf,
  readRevocation,
} from '../revocation/denylist.ts';
import { redisCommands, redisUnavailable } from './redis-client.ts';

/** The part of a `redis` (node-redis) client, pool or cluster that a denylist uses. */
export interface NodeRedisDenylistClient {
  get(key: string): Promise<unknown>;
  eval(script: string, options: { readonly keys: string[]; readonly arguments: string[] }): Promise<unknown>;
}

/** The part of an `ioredis` client or cluster that a denylist uses. */
export interface IoRedisDenylistClient {
  get(key: string): Promise<unknown>;
  eval(script: string, keys: number, ...args: string[]): Promise<unknown>;
  /** Tells an `ioredis` client from a `redis` one. */
  call(command: string, ...args: string[]): Promise<unknown>;
}

/** Options of {@link createRedisDenylist}. */
export interface RedisDenylistOptions {
  /** The claim that the list goes by. */
  readonly by: DenylistClaim;
  /** In front of every key. Default: `crossfade:revoked:`. Instances that guard the same API must agree. */
  readonly prefix?: string;
  /** How long a request waits for Redis before it gets 503. Default: 1000. */
  readonly timeoutMs?: number;
  /** Default: `Date.now`. */
  readonly now?: Clock;
}

export const DENYLIST = 'Redis denylist';
export const DEFAULT_PREFIX = 'crossfade:revoked:';

const optionsSchema = z.strictObject(
  {
    by: denylistClaim,
    prefix: z.string(expected('a text')).default(DEFAULT_PREFIX),
    timeoutMs: z.number(expected('a number above 0')).default(1000),
    now: customOption<Clock>((value) => typeof value === 'function', 'a function that returns milliseconds').default(
      () => Date.now,
    ),
  },
  expected('an object with by'),
);

/** Sets an entry whose time and end are the later ones of what is stored and what is given, in one step. */
const ADD = `
local known = tonumber(redis.call('GET', KEYS[1]) or '0') or 0
local left = redis.call('TTL', KEYS[1])
local at, ttl = tonumber(ARGV[1]), tonumber(ARGV[2])
if left == -1 then return redis.call('SET', KEYS[1], string.format('%.0f', math.max(known, at))) end
return redis.call('SET', KEYS[1], string.format('%.0f', math.max(known, at)), 'EX', string.format('%.0f', math.max(left, ttl)))
`;

/**
 * Creates a denylist for many instances, in Redis. Each judgement costs one `GET`, and nothing is cached, so that every
 * instance refuses a token from the next request on. It neither connects nor closes the client, which is yours. While
 * Redis is unreachable, `isRevoked` rejects with `UnavailableError`: the API responds with 503.
 *
 * Any program can revoke: it sets `<prefix><by>:<name>` to the time of the revocation (whole seconds since the epoch),
 * to expire five minutes after the last of the tokens. The name is the SHA-256, in base64url, of issuer, line feed and
 * claim value in UTF-8: a reader of Redis sees no claim, but can test a guess.
 *
 * @throws {@link ConfigError} when `client` is not a Redis client, or an option is wrong.
 * @example
 * const client = await createClient({ url: 'redis://localhost:6379' }).on('error', report).connect();
 * const denylist = createRedisDenylist(client, { by: 'jti' });
 * const validator = createValidator({ ...options, isRevoked: denylist.isRevoked });
 */
export function createRedisDenylist(
  client: NodeRedisDenylistClient | IoRedisDenylistClient,
  options: RedisDenylistOptions,
): Denylist {
  const { by, prefix, timeoutMs, now } = checkDenylistOptions(DENYLIST, optionsSchema, options);
  const run = redisCommands(DENYLIST, { client, method: 'get', timeoutMs }, 'revocation');
  const keyOf = (name: string) => `${prefix}${by}:${createHash('sha256').update(name).digest('base64url')}`;

  async function revokedAt(key: string): Promise<number | undefined> {
    const reply = await run(() => client.get(key));
    if (reply === null) return undefined;
    const seconds = typeof reply === 'string' && reply !== '' ? Number(reply) : Number.NaN;
    if (Number.isFinite(seconds)) return seconds;
    throw redisUnavailable(DENYLIST, 'holds an entry that is not a time', { dependency: 'revocation' });
  }

  async function add(name: string, { revokedAtSeconds, endSeconds }: DenylistEntry, nowSeconds: number): Promise<void> {
    const values = [String(Math.ceil(revokedAtSeconds)), String(Math.ceil(endSeconds - nowSeconds))];
    await run(() => addEntry(client, keyOf(name), values));
  }

  return {
    isRevoked(judgement) {
      const name = entryNameOf(judgement, by);
      if (name === undefined) return false;
      return revokedAt(keyOf(name)).then((seconds) => seconds !== undefined && concerns(by, seconds, judgement));
    },
    async revoke(revocation) {
      const nowSeconds = now() / 1000;
      const entry = readRevocation(revocation, by, nowSeconds);
      if (entry.endSeconds <= nowSeconds) return;
      for (const name of entry.names) await add(name, entry, nowSeconds);
    },
  };
}

function addEntry(
  client: NodeRedisDenylistClient | IoRedisDenylistClient,
  key: string,
  values: string[],
): Promise<unknown> {
  if ('call' in client) return client.eval(ADD, 1, key, ...values);
  return client.eval(ADD, { keys: [key], arguments: values });
}
