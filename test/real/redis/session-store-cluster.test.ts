import { createRedisSessionStore } from '@crossfade/client/redis';
import { Cluster } from 'ioredis';
import { createCluster, type RedisClusterType } from 'redis';
import { afterAll, beforeAll, describe } from 'vitest';
import { describeSessionStore } from '../../../packages/client/test/session/session-store-contract.ts';
import { missing } from '../fixture/real-part.ts';
import { type RedisCluster, startRedisCluster } from './fixture/redis-cluster.ts';
import { REDIS } from './fixture/redis-server.ts';

describe.skipIf(missing(REDIS))('sessions in a Redis cluster', () => {
  let redis: RedisCluster;
  let node: RedisClusterType;
  let io: Cluster;

  beforeAll(async () => {
    redis = await startRedisCluster();
    node = createCluster({ rootNodes: redis.ports.map((port) => ({ url: `redis://127.0.0.1:${port}` })) });
    await node.on('error', () => {}).connect();
    io = new Cluster(redis.ports.map((port) => ({ host: '127.0.0.1', port })));
  });
  afterAll(async () => {
    node?.destroy();
    io?.disconnect();
    await redis?.remove();
  });

  describeSessionStore('a cluster', () => createRedisSessionStore({ client: node }));
  describeSessionStore('a cluster by ioredis', () => createRedisSessionStore({ client: io }));
});
