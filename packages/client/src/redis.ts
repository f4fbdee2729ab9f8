export type { IoRedisSessionClient, NodeRedisSessionClient, RedisSessionClient } from './redis/redis-commands.ts';
export { createRedisSessionStore, type RedisSessionStoreOptions } from './redis/redis-session-store.ts';
export type { ReleaseLock, SessionStore, StoredSession } from './session/session-store.ts';
