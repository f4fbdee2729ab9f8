export type { ReplayStore } from './dpop/replay-store.ts';
export type { IoRedisClient, NodeRedisClient } from './redis/redis-client.ts';
export type { IoRedisDenylistClient, NodeRedisDenylistClient, RedisDenylistOptions } from './redis/redis-denylist.ts';
export { createRedisDenylist } from './redis/redis-denylist.ts';
export type { RedisReplayStoreOptions } from './redis/redis-replay-store.ts';
export { createRedisReplayStore } from './redis/redis-replay-store.ts';
export type { Denylist, DenylistClaim, Revocation } from './revocation/denylist.ts';
