import { createHash } from 'node:crypto';
import { UnavailableError } from '@crossfade/core';
import { createValidator, type JudgementContext, type Validator } from '@crossfade/validator';
import { createRedisReplayStore, type ReplayStore } from '@crossfade/validator/redis';
import { Redis } from 'ioredis';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { missing } from '../fixture/real-part.ts';
import { REDIS, redisServer } from './fixture/redis-server.ts';

const ISSUER = 'https://idp.example.com';
const REQUEST = { method: 'GET', url: 'https://api.example.com/orders' };

describe.skipIf(missing(REDIS))('the replay store in Redis', () => {
  const redis = redisServer();
  const node = createClient({ socket: { path: redis.socket, reconnectStrategy: 50 } }).on('error', () => {});
  const io = new Redis(redis.socket, { lazyConnect: true, retryStrategy: () => 50 }).on('error', () => {});
  const stores: [client: string, store: ReplayStore][] = [
    ['redis', createRedisReplayStore(node)],
    ['ioredis', createRedisReplayStore(io)],
  ];
  // Thousands of claims at once may take a busy machine longer than a request waits.
  const timeoutMs = 60_000;
  const patient: typeof stores = [
    ['redis', createRedisReplayStore(node, { timeoutMs })],
    ['ioredis', createRedisReplayStore(io, { timeoutMs })],
  ];

  beforeAll(async () => {
    await redis.start();
    await Promise.all([node.connect(), io.connect()]);
  });
  afterAll(async () => {
    node.destroy();
    io.disconnect();
    await redis.remove();
  });

  it.each(patient)('accepts one of 10,000 concurrent claims of a key through %s', async (client, store) => {
    const claims = await Promise.all(Array.from({ length: 10_000 }, () => store.claim(`${client}-many`, 60)));

    expect(claims.filter(Boolean)).toHaveLength(1);
  });

  it('accepts one of the claims of a key through both clients', async () => {
    const claims = await Promise.all(
      Array.from({ length: 1000 }, (_, index) => patient[index % 2]?.[1].claim('shared', 60)),
    );

    expect(claims.filter(Boolean)).toHaveLength(1);
  });

  it.each(stores)('remembers a claim through %s for the given time, and no longer', async (client, store) => {
    expect(await store.claim(`${client}-long`, 65.2)).toBe(true);
    expect(await node.pTTL(`crossfade:dpop:${client}-long`)).toBeGreaterThan(65_000);
    expect(await store.claim(`${client}-short`, 1)).toBe(true);
    expect(await store.claim(`${client}-short`, 1)).toBe(false);
    await vi.waitFor(async () => expect(await store.claim(`${client}-short`, 60)).toBe(true), { timeout: 10_000 });
  });

  it('accepts one of 1,000 copies of a proof in two instances of an API', async () => {
    const issuer = await generateKeyPair('ES256', { extractable: true });
    const client = await generateKeyPair('ES256', { extractable: true });
    const jwk = await exportJWK(client.publicKey);
    const token = await new SignJWT({ cnf: { jkt: await calculateJwkThumbprint(jwk) } })
      .setProtectedHeader({ alg: 'ES256' })
      .setIssuer(ISSUER)
      .setAudience('default-api')
      .setExpirationTime('5m')
      .sign(issuer.privateKey);
    const ath = createHash('sha256').update(token).digest('base64url');
    const proof = await new SignJWT({ htm: REQUEST.method, htu: REQUEST.url, ath })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
      .setJti('proof-1')
      .setIssuedAt()
      .sign(client.privateKey);
    const keys = { keys: [{ ...(await exportJWK(issuer.publicKey)), alg: 'ES256' }] };
    const instances: Validator[] = patient.map(([, replay]) =>
      createValidator({ clients: [], legacy: { issuer: ISSUER, audience: 'default-api', keys }, dpop: { replay } }),
    );
    const context: JudgementContext = { scheme: 'DPoP', proof: { ...REQUEST, dpop: [proof] } };
    const judgements = await Promise.all(
      Array.from({ length: 1000 }, (_, index) => instances[index % 2]?.judge(token, context)),
    );

    expect(judgements.filter((judgement) => judgement?.outcome === 'accepted')).toHaveLength(1);
  });

  it.each(stores)(
    'is unavailable through %s while Redis is down, and available again after it',
    async (client, store) => {
      await redis.stop();
      await expect(store.claim(`${client}-down`, 60)).rejects.toThrow(UnavailableError);

      await redis.start();
      await vi.waitFor(async () => expect(await store.claim(`${client}-up`, 60)).toBe(true), { timeout: 10_000 });
      expect(await store.claim(`${client}-up`, 60)).toBe(false);
    },
  );
});
