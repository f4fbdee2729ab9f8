import { inspect } from 'node:util';
import { ConfigError, UnavailableError } from '@crossfade/core';
import { createClient } from '@redis/client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type OpenRedisDenylist, openRedisDenylist } from '../../src/redis/open-redis-denylist.ts';
import { acceptedToken, ISSUER } from '../revocation/accepted-token.ts';
import { type RespServer, startRespServer } from './resp-server.ts';

const TOKEN = acceptedToken({ jti: 't1' });
const PASSWORD = 'hunter2-secret';

let redis: RespServer;
let denylist: OpenRedisDenylist;
beforeEach(async () => {
  redis = await startRespServer();
  denylist = openRedisDenylist(createClient, { url: redis.url, by: 'jti', timeoutMs: 500 });
});
afterEach(async () => {
  denylist.close();
  await redis.stop().catch(() => {});
});

async function isRevoked(): Promise<boolean> {
  return denylist.isRevoked(TOKEN);
}

describe('openRedisDenylist', () => {
  test('connects by itself, and asks once for each token', async () => {
    expect(denylist.wasConnected()).toBe(false);
    await denylist.connected();
    expect(denylist.wasConnected()).toBe(true);
    expect(redis.commands.splice(0)).toEqual(['GET']);

    expect(await isRevoked()).toBe(false);
    await denylist.revoke({ issuer: ISSUER, jti: 't1', untilSeconds: Date.now() / 1000 + 60 });
    expect(redis.commands).toEqual(['GET', 'EVAL']);
  });

  test('is unavailable at once while Redis is down, and available again when it is back', async () => {
    await denylist.connected();
    await redis.stop();
    await vi.waitFor(() => expect(isRevoked()).rejects.toThrow(UnavailableError));
    const error = await isRevoked().catch((reason: UnavailableError) => reason);
    expect(error).toMatchObject({ dependency: 'revocation' });
    expect(error).toHaveProperty('cause.name', expect.not.stringContaining('Timeout'));

    await redis.start();
    await vi.waitFor(async () => expect(await isRevoked()).toBe(false), { timeout: 10_000 });
    expect(denylist.wasConnected()).toBe(true);
  });

  test('reports a Redis that cannot be reached', async () => {
    await redis.stop();
    const unreachable = openRedisDenylist(createClient, { url: redis.url, by: 'jti', timeoutMs: 200 });

    await expect(unreachable.connected()).rejects.toMatchObject({ dependency: 'revocation' });
    expect(unreachable.wasConnected()).toBe(false);
    unreachable.close();
  });

  test('is unavailable once it is closed, twice or not', async () => {
    await denylist.connected();
    denylist.close();
    denylist.close();

    await expect(isRevoked()).rejects.toThrow(UnavailableError);
  });

  test.each([
    `http://u:${PASSWORD}@127.0.0.1`,
    `redis://u:${PASSWORD}@127.0.0.1:port`,
    `redis://u:${PASSWORD}@127.0.0.1/db`,
    `redis://u:${PASSWORD}%zz@127.0.0.1`,
    PASSWORD,
  ])('rejects %s, and prints no password', (url) => {
    const open = () => openRedisDenylist(createClient, { url, by: 'jti' });

    expect(open).toThrow(ConfigError);
    try {
      open();
    } catch (error) {
      expect(inspect(error, { depth: 5, showHidden: true })).not.toContain(PASSWORD);
    }
  });

  test('closes its connection when another option is wrong', async () => {
    const other = await startRespServer();
    expect(() => openRedisDenylist(createClient, { url: other.url, by: 'email' as 'jti' })).toThrow(/by: must be/);
    await other.stop();
  });

  test('prints no password when Redis refuses it', async () => {
    await redis.stop();
    const url = redis.url.replace('redis://', `redis://u:${PASSWORD}@`);
    const refused = openRedisDenylist(createClient, { url, by: 'jti', timeoutMs: 100 });
    const error: unknown = await Promise.resolve(refused.isRevoked(TOKEN)).catch((reason: unknown) => reason);

    expect(inspect(error, { depth: 8, showHidden: true })).not.toContain(PASSWORD);
    refused.close();
  });
});
