import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { SessionStore, StoredSession } from '../session/session-store.ts';
import { pause, waitForLock } from '../session/wait-for-lock.ts';
import { type RedisSessionClient, redisCommands, redisUnavailable } from './redis-commands.ts';
import { CREATE, DELETE, GET, INDEX, LOCK, MEMBERS, RELEASE, REPLACE, UNINDEX } from './redis-scripts.ts';

/** Options of {@link createRedisSessionStore}. */
export interface RedisSessionStoreOptions {
  /** It is neither connected nor closed by the store. */
  readonly client: RedisSessionClient;
  /** In front of every key. Default: `crossfade:session:`. All instances of an application must agree. */
  readonly prefix?: string;
  /** How long one command may take, in ms. Default 2000. A request that has a valid token in this process waits 300 ms. */
  readonly timeoutMs?: number;
}

/** How many sessions of one user there are at most: one more ends the one that would end first. */
const MAX_SESSIONS_OF_USER = 1000;

/** Between two attempts to release a lock. */
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5000;

const field = z.string().nullable();
const hash = z.tuple([field, field, field, field]);
const deleted = z.tuple([z.number(), z.string(), z.string()]);
const keys = z.array(z.string());

/**
 * Creates a store of sessions in Redis 6 or later, for several instances. Redis holds no token and no name: sessions are
 * sealed, keys are hashes. Each script has one key, so a cluster may keep the session, its lock and its indexes in
 * different places; only `deleteWhere` is then no single step.
 *
 * A Redis that loses its data logs all users out; with persistence (`appendonly yes`) a restart does not. A client without
 * `disableOfflineQueue` queues commands while there is no connection, and one without `pingInterval` and `socketTimeout`
 * does not notice a silent one.
 *
 * @throws {@link ConfigError} when an option is wrong.
 * @example
 * ```ts
 * const client = createClient({ url, disableOfflineQueue: true, pingInterval: 2000, socket: { socketTimeout: 5000 } });
 * await client.on('error', report).connect();
 * const bff = createBff({ ...options, store: createRedisSessionStore({ client }) });
 * ```
 */
export function createRedisSessionStore(options: RedisSessionStoreOptions): SessionStore {
  const { client, prefix = 'crossfade:session:', timeoutMs = 2000 } = options ?? {};
  const { run } = redisCommands(client, prefix, timeoutMs);

  /** Adds a session to the indexes of its user and of its session at the provider. */
  async function index(key: string, { sub, sid }: StoredSession, lifetimeMs: number): Promise<void> {
    const args = [key, milliseconds(lifetimeMs), String(MAX_SESSIONS_OF_USER)];
    const tooMany = await Promise.all(
      indexKeys(sub, sid).map(async (name) => checked(keys, await run(INDEX, name, args))),
    );
    await Promise.all(tooMany.flat().map((one) => remove(one)));
  }

  async function remove(key: string): Promise<boolean> {
    const [count, sub, sid] = checked(deleted, await run(DELETE, `data:${key}`));
    // An entry that stays ends with its index: the session is gone all the same.
    await Promise.allSettled(indexKeys(sub, sid).map((name) => run(UNINDEX, name, [key])));
    return count > 0;
  }

  return {
    async get(key) {
      const [sealed, version, sub, sid] = checked(hash, await run(GET, `data:${key}`));
      if (sealed === null || version === null) return undefined;
      return { sealed, version, ...(sub !== null && { sub }), ...(sid !== null && { sid }) };
    },
    async create(key, session, lifetimeMs) {
      // First: a session that is in no index could not be ended by its provider.
      await index(key, session, lifetimeMs);
      await run(CREATE, `data:${key}`, [milliseconds(lifetimeMs), ...fields(session)]);
    },
    async replace(key, session, version, lifetimeMs) {
      const lifetime = lifetimeMs === undefined ? '' : milliseconds(lifetimeMs);
      const leftMs = checked(z.number(), await run(REPLACE, `data:${key}`, [version, lifetime, ...fields(session)]));
      if (leftMs <= 0) return false;
      await index(key, session, leftMs);
      return true;
    },
    delete: remove,
    async deleteWhere(where) {
      const name = 'sid' in where ? `sid:${where.sid}` : `sub:${where.sub}`;
      const found = checked(keys, await run(MEMBERS, name));
      const wereThere = await Promise.all(found.map((key) => remove(key)));
      await Promise.all(found.map((key) => run(UNINDEX, name, [key])));
      return wereThere.filter(Boolean).length;
    },
    async lock(key, waitMs, holdMs) {
      const name = `lock:${key}`;
      const owner = randomUUID();
      const endsAtMs = performance.now() + waitMs + holdMs;
      /** Goes on until Redis is back, or the lock has ended by itself: a lock that stays keeps its session from a token. */
      const release = async (): Promise<void> => {
        for (
          let pauseMs = FIRST_PAUSE_MS;
          performance.now() < endsAtMs;
          pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
        ) {
          try {
            return void (await run(RELEASE, name, [owner]));
          } catch {
            await pause(pauseMs);
          }
        }
      };
      const take = async () => {
        const args = [owner, milliseconds(holdMs)];
        try {
          const reply = await run(LOCK, name, args, (late) => late === 1 && void release());
          return checked(z.number(), reply) === 1;
        } catch (error) {
          // Redis may have run it, and lost the connection before its reply.
          void release();
          throw error;
        }
      };
      return (await waitForLock(take, waitMs)) ? release : undefined;
    },
  };
}

function indexKeys(sub: string | undefined, sid: string | undefined): string[] {
  return [...(sub ? [`sub:${sub}`] : []), ...(sid ? [`sid:${sid}`] : [])];
}

function fields({ sealed, version, sub, sid }: StoredSession): string[] {
  return [
    ...['sealed', sealed, 'version', version],
    ...(sub === undefined ? [] : ['sub', sub]),
    ...(sid === undefined ? [] : ['sid', sid]),
  ];
}

/** Redis takes whole milliseconds, at least one. */
function milliseconds(ms: number): string {
  return String(Math.max(1, Math.ceil(ms)));
}

function checked<T>(schema: z.ZodType<T>, reply: unknown): T {
  const parsed = schema.safeParse(reply);
  if (!parsed.success) throw redisUnavailable('sent an unknown reply');
  return parsed.data;
}
