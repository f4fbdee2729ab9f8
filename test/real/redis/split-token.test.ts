import { createHash } from 'node:crypto';
import { createValidator } from '@crossfade/validator';
import { createSplitTokenExchange } from '@crossfade/validator/exchange';
import { createRedisSplitTokenCache } from '@crossfade/validator/redis';
import { Redis } from 'ioredis';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missing } from '../fixture/real-part.ts';
import { REDIS, redisServer } from './fixture/redis-server.ts';

const ISSUER = 'https://idp.example.com';
const AUDIENCE = 'https://api.example.com/orders';

describe.skipIf(missing(REDIS))('split tokens whose other part is in Redis', async () => {
  const redis = redisServer();
  const node = createClient({ socket: { path: redis.socket, reconnectStrategy: 50 } }).on('error', () => {});
  const io = new Redis(redis.socket, { lazyConnect: true, retryStrategy: () => 50 }).on('error', () => {});
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'a' }] };

  beforeAll(async () => {
    await redis.start();
    await Promise.all([node.connect(), io.connect()]);
  });
  afterAll(async () => {
    node.destroy();
    io.disconnect();
    await redis.remove();
  });

  /** What the client gets; the issuer has put the rest into Redis. */
  async function issue(): Promise<{ jwt: string; signature: string; key: string }> {
    const jwt = await new SignJWT({ sub: 'alice' })
      .setProtectedHeader({ alg: 'ES256', kid: 'a', typ: 'at+jwt' })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setExpirationTime('1h')
      .sign(privateKey);
    const dot = jwt.lastIndexOf('.');
    const signature = jwt.slice(dot + 1);
    const key = `crossfade:split:${createHash('sha256').update(signature).digest('hex')}`;
    await node.set(key, jwt.slice(0, dot), { expiration: { type: 'EX', value: 3600 } });
    return { jwt, signature, key };
  }

  it.each([
    ['redis', createRedisSplitTokenCache(node)],
    ['ioredis', createRedisSplitTokenCache(io)],
  ])('are joined and verified through %s, inactive once deleted, and unavailable without Redis', async (_, cache) => {
    const exchange = createSplitTokenExchange({ cache });
    const legacy = { issuer: ISSUER, audience: AUDIENCE, keys };
    const validator = createValidator({ legacy, exchange: { ...exchange, maxAgeSeconds: 0 } });
    const { jwt, signature, key } = await issue();

    const judgement = await validator.judge(signature);
    expect(judgement).toMatchObject({ outcome: 'accepted', subject: 'alice' });
    expect(validator.upstreamToken(judgement)).toBe(jwt);

    await node.del(key);
    expect(await validator.judge(signature)).toMatchObject({ outcome: 'rejected', reason: 'inactive' });

    redis.hang();
    await expect(validator.judge(signature)).rejects.toMatchObject({ code: 'unavailable', dependency: 'exchange' });
    redis.resume();
  });
});
