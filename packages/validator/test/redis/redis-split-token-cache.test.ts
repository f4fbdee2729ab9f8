import { ConfigError, UnavailableError } from '@crossfade/core';
import { expect, test } from 'vitest';
import { createRedisSplitTokenCache, type RedisGetClient } from '../../src/redis/redis-split-token-cache.ts';

const holding = (entries: Readonly<Record<string, unknown>>): RedisGetClient => ({
  get: async (key) => entries[key] ?? null,
});

test('reads what the issuer put under its key', async () => {
  const client = holding({ 'crossfade:split:a': 'header.payload', 'orders:a': 'other.payload' });

  expect(await createRedisSplitTokenCache(client).get('a')).toBe('header.payload');
  expect(await createRedisSplitTokenCache(client).get('b')).toBeUndefined();
  expect(await createRedisSplitTokenCache(client, { prefix: 'orders:' }).get('a')).toBe('other.payload');
});

test.each<[string, RedisGetClient]>([
  ['fails', { get: () => Promise.reject(new Error('ECONNREFUSED')) }],
  ['does not reply', { get: () => new Promise(() => {}) }],
  ['holds no text', holding({ 'crossfade:split:a': Buffer.from('header.payload') })],
])('is unavailable where Redis %s', async (_, client) => {
  const failure = await Promise.resolve(createRedisSplitTokenCache(client, { timeoutMs: 20 }).get('a')).catch(
    (error: unknown) => error,
  );

  expect(failure).toBeInstanceOf(UnavailableError);
  expect(failure).toMatchObject({ dependency: 'exchange' });
});

test('refuses what is no client, and wrong options', () => {
  expect(() => createRedisSplitTokenCache({} as RedisGetClient)).toThrow(ConfigError);
  expect(() => createRedisSplitTokenCache(holding({}), { timeoutMs: 0 })).toThrow(
    'timeoutMs: must be a number above 0',
  );
  expect(() => createRedisSplitTokenCache(holding({}), { prefix: 1 as never })).toThrow('prefix: must be a text');
});
