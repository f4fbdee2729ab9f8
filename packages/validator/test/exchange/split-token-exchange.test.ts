import { createHash } from 'node:crypto';
import { UnavailableError } from '@crossfade/core';
import { describe, expect, test } from 'vitest';
import { createMemorySplitTokenCache, createSplitTokenExchange } from '../../src/exchange/split-token-exchange.ts';
import { createValidator } from '../../src/index.ts';
import { createSigningKey, type SigningKey, sign } from '../issuer.ts';

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

test('a split token is verified as any JWT, whatever the cache holds', async () => {
  const [key, forger] = await Promise.all([createSigningKey({ kid: 'a' }), createSigningKey({ kid: 'a' })]);
  const cache = createMemorySplitTokenCache();
  const issuer = 'https://idp.example.com';
  const audience = 'https://api.example.com/orders';
  const keys = { keys: [{ ...key.publicJwk }] };
  const validator = createValidator({
    legacy: { issuer, audience, keys },
    exchange: createSplitTokenExchange({ cache }),
  });
  const split = async (signer: SigningKey) => {
    const exp = Math.floor(Date.now() / 1000) + 60;
    const jwt = await sign({ iss: issuer, aud: audience, exp }, signer, { typ: 'at+jwt' });
    const [rest, signature] = [jwt.slice(0, jwt.lastIndexOf('.')), jwt.slice(jwt.lastIndexOf('.') + 1)];
    cache.set(createHash('sha256').update(signature).digest('hex'), rest, 60);
    return { jwt, signature };
  };
  const genuine = await split(key);
  const judgement = await validator.judge(genuine.signature);

  expect(judgement).toMatchObject({ outcome: 'accepted', audience: 'legacy' });
  expect(validator.upstreamToken(judgement)).toBe(genuine.jwt);
  await expect(validator.judge((await split(forger)).signature)).rejects.toThrow('not valid: bad_signature');
  expect(await validator.judge('unknown')).toMatchObject({ reason: 'inactive' });
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
