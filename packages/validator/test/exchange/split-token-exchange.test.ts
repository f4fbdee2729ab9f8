import { createHash } from 'node:crypto';
import { UnavailableError } from '@crossfade/core';
import { describe, expect, test } from 'vitest';
import { createMemorySplitTokenCache, createSplitTokenExchange } from '../../src/exchange/split-token-exchange.ts';

const hash = createHash('sha256').update('signature').digest('hex');

describe('createSplitTokenExchange', () => {
  test('joins what the client has and what the cache has', async () => {
    const cache = createMemorySplitTokenCache();
    cache.set(hash, 'header.payload', 60);

    expect(await createSplitTokenExchange({ cache }).exchange('signature')).toBe('header.payload.signature');
    expect(await createSplitTokenExchange({ cache }).exchange('other')).toBeUndefined();
  });

  test('looks the token up under the key that the issuer uses', async () => {
    const cache = { get: (key: string) => (key === 'jwt:signature' ? 'header.payload' : undefined) };
    const exchange = createSplitTokenExchange({ cache, key: (token) => `jwt:${token}` });

    expect(await exchange.exchange('signature')).toBe('header.payload.signature');
  });

  test.each(['header', 'header.payload.signature', 'header.payload.', '{}.{}', ''])(
    'is unavailable where the cache holds %j',
    async (entry) => {
      const exchange = createSplitTokenExchange({ cache: { get: () => entry } });

      await expect(exchange.exchange('signature')).rejects.toThrow('something else than <header>.<payload>');
    },
  );

  test.each<[string, () => Promise<string>]>([
    ['fails', () => Promise.reject(new Error('down'))],
    ['does not respond', () => new Promise(() => {})],
  ])('is unavailable where the cache %s', async (_, get) => {
    const failure = await createSplitTokenExchange({ cache: { get }, timeoutMs: 20 })
      .exchange('signature')
      .catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(UnavailableError);
    expect(failure).toMatchObject({ dependency: 'exchange' });
  });
});

describe('createMemorySplitTokenCache', () => {
  test('forgets what has expired and what is deleted', () => {
    let nowMs = 0;
    const cache = createMemorySplitTokenCache({ now: () => nowMs });
    cache.set('a', 'header.payload', 60);
    cache.set('b', 'header.payload', 60);
    cache.delete('b');

    expect([cache.get('a'), cache.get('b')]).toEqual(['header.payload', undefined]);
    nowMs = 60_000;
    expect(cache.get('a')).toBeUndefined();
  });

  test('makes room by its oldest entries', () => {
    const cache = createMemorySplitTokenCache({ maxEntries: 2 });
    for (const key of ['a', 'b', 'a', 'c']) cache.set(key, key, 60);

    expect(['a', 'b', 'c'].map((key) => cache.get(key))).toEqual(['a', undefined, 'c']);
  });
});
