import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openIssuerKeys } from '../../src/keys/open-issuer-keys.ts';
import { createVerifiedCache, type VerifiedCache } from '../../src/tokens/verified-cache.ts';
import type { RememberedToken } from '../../src/tokens/verified-token.ts';
import { factsOf, ISSUER, NOW_SECONDS } from '../facts.ts';
import { createSigningKey } from '../issuer.ts';

const key = await createSigningKey();
const keys = openIssuerKeys(ISSUER, { keys: [key.publicJwk] }, Date.now);
const keySet = await keys.current();

function verified(text: string, subject = 'u1', expiresAt = NOW_SECONDS + 60, start = 0): RememberedToken {
  const { clientId, scope, ...own } = factsOf({ subject, expiresAt });
  const evaluation = { audience: 'foreign', flaw: 'wrong_audience' } as const;
  return { text, ...own, shared: { start, scheme: undefined, clientId, scope, keys, keySet, evaluation } };
}

function newToken(): string {
  return `header.claims.${randomBytes(64).toString('base64url')}`;
}

function find(cache: VerifiedCache, text: string, start = 0): RememberedToken | undefined {
  return cache.find({ text, start });
}

describe('a cache of verified tokens', () => {
  test('finds a token by all of its characters', () => {
    const cache = createVerifiedCache({ maxEntries: 64, maxBytes: 10_000 });
    const token = newToken();
    const entry = verified(token);
    cache.add(entry, NOW_SECONDS);

    expect(find(cache, `${token.slice(0, 50)}${token.slice(50)}`)).toBe(entry);
    for (let at = 0; at < token.length; at += 1) {
      expect(find(cache, `${token.slice(0, at)}~${token.slice(at + 1)}`)).toBeUndefined();
    }
    expect(find(cache, '')).toBeUndefined();
    expect(find(cache, `${token} `)).toBeUndefined();
    expect(cache.status()).toMatchObject({ hits: 1, entries: 1, bytes: token.length });
  });

  test('finds a token however it is presented, and never another part of a text', () => {
    const cache = createVerifiedCache({ maxEntries: 64, maxBytes: 10_000 });
    const [token, other] = [newToken(), newToken()];
    const [inHeader, alone] = [verified(`Bearer ${token}`, 'u1', NOW_SECONDS + 60, 7), verified(other)];
    cache.add(inHeader, NOW_SECONDS);
    cache.add(alone, NOW_SECONDS);

    for (const scheme of ['Bearer ', 'bearer ', 'Bearer   ', 'DPoP ', '']) {
      expect(find(cache, `${scheme}${token}`, scheme.length)).toBe(inHeader);
      expect(find(cache, `${scheme}${other}`, scheme.length)).toBe(alone);
    }
    for (const start of [0, 6, 8]) expect(find(cache, `Bearer ${token}`, start)).toBeUndefined();
    expect(find(cache, `Bearer ${other}`, 0)).toBeUndefined();
  });

  test('finds a text that came before, and counts no miss for another', () => {
    const cache = createVerifiedCache({ maxEntries: 64, maxBytes: 10_000 });
    const known = verified(newToken());
    cache.add(known, NOW_SECONDS);

    expect(cache.get(`${known.text}`, undefined)).toBe(known);
    expect(cache.get(known.text, 'Bearer')).toBeUndefined();
    expect(cache.get(`Bearer ${known.text}`, 'Bearer')).toBeUndefined();
    expect(cache.get(newToken(), undefined)).toBeUndefined();
    expect(cache.status()).toMatchObject({ hits: 1, misses: 0 });
  });

  test('loses no token as it grows', () => {
    const cache = createVerifiedCache({ maxEntries: 8192, maxBytes: 10_000_000 });
    const tokens = Array.from({ length: 600 }, newToken);
    for (const [index, token] of tokens.entries()) {
      cache.add(verified(token), NOW_SECONDS);
      for (const earlier of tokens.slice(0, index + 1)) expect(find(cache, earlier)).toBeDefined();
    }
    expect(cache.status().entries).toBe(600);
  });

  test('still knows which tokens were referenced after it has grown', () => {
    const cache = createVerifiedCache({ maxEntries: 128, maxBytes: 1_000_000 });
    const regulars = Array.from({ length: 20 }, newToken);
    for (const token of regulars) {
      cache.add(verified(token), NOW_SECONDS);
      find(cache, token);
    }
    for (let index = 0; index < 1000; index += 1) cache.add(verified(newToken()), NOW_SECONDS);

    expect(regulars.filter((token) => find(cache, token) === undefined)).toEqual([]);
  });

  test('holds a token once', () => {
    const cache = createVerifiedCache({ maxEntries: 64, maxBytes: 10_000 });
    const token = newToken();
    cache.add(verified(token, 'u1'), NOW_SECONDS);
    cache.add(verified(token, 'u2'), NOW_SECONDS);

    expect(find(cache, token)?.subject).toBe('u2');
    expect(cache.status()).toMatchObject({ entries: 1, bytes: token.length });
  });

  test.each([
    ['entries', { maxEntries: 64, maxBytes: 1_000_000 }],
    ['bytes', { maxEntries: 1024, maxBytes: 10_000 }],
  ])('stays within its limits of %s, and keeps the latest', (_, limits) => {
    const cache = createVerifiedCache(limits);
    for (let index = 0; index < 20_000; index += 1) {
      const token = newToken();
      cache.add(verified(token, 'u1'), NOW_SECONDS);
      expect(find(cache, token)).toBeDefined();
    }

    expect(cache.status().entries).toBeLessThanOrEqual(limits.maxEntries);
    expect(cache.status().bytes).toBeLessThanOrEqual(limits.maxBytes);
    expect(cache.status().entries).toBeGreaterThan(50);
  });

  test('ignores a token larger than the whole cache', () => {
    const cache = createVerifiedCache({ maxEntries: 4, maxBytes: 10 });
    cache.add(verified(newToken(), 'u1'), NOW_SECONDS);

    expect(cache.status()).toMatchObject({ entries: 0, bytes: 0 });
  });

  test('uses most of its room', () => {
    const cache = createVerifiedCache({ maxEntries: 1024, maxBytes: 1_000_000 });
    const tokens = Array.from({ length: 512 }, newToken);
    for (const token of tokens) cache.add(verified(token, 'u1'), NOW_SECONDS);

    expect(tokens.filter((token) => find(cache, token) !== undefined).length).toBeGreaterThan(440);
  });

  test('drops expired tokens as others are added', () => {
    const cache = createVerifiedCache({ maxEntries: 1024, maxBytes: 1_000_000 });
    const brief = Array.from({ length: 300 }, newToken);
    for (const token of brief) cache.add(verified(token, 'u1', NOW_SECONDS + 60), NOW_SECONDS);
    for (let index = 0; index < 300; index += 1)
      cache.add(verified(newToken(), 'u2', NOW_SECONDS + 600), NOW_SECONDS + 121);

    expect(brief.filter((token) => find(cache, token) !== undefined)).toEqual([]);
    expect(cache.status().entries).toBeLessThanOrEqual(300);
  });

  test('keeps referenced tokens through a flood of others', () => {
    const cache = createVerifiedCache({ maxEntries: 1024, maxBytes: 1_000_000 });
    const regulars = Array.from({ length: 100 }, newToken);
    for (const token of regulars) cache.add(verified(token, 'u1'), NOW_SECONDS);
    for (let index = 0; index < 20_000; index += 1) {
      if (index % 50 === 0) for (const token of regulars) find(cache, token);
      cache.add(verified(newToken(), 'u2'), NOW_SECONDS);
    }

    expect(regulars.filter((token) => find(cache, token) !== undefined).length).toBeGreaterThan(95);
  });

  test('returns what a map would, or nothing', () => {
    const operation = fc.record({ token: fc.string({ maxLength: 12 }), subject: fc.string(), isSet: fc.boolean() });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 100 }), (operations) => {
        const cache = createVerifiedCache({ maxEntries: 8, maxBytes: 40 });
        const model = new Map<string, string>();
        for (const { token, subject, isSet } of operations) {
          if (isSet) {
            cache.add(verified(token, subject), NOW_SECONDS);
            model.set(token, subject);
          }
          const found = find(cache, token)?.subject;
          if (found !== undefined) expect(found).toBe(model.get(token));
          expect(cache.status().bytes).toBeLessThanOrEqual(40);
        }
      }),
    );
  });
});
