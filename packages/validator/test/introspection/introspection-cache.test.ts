import { describe, expect, test } from 'vitest';
import type { IntrospectedToken } from '../../src/introspection/introspection-cache.ts';
import { createIntrospectionCache } from '../../src/introspection/introspection-cache.ts';
import type { SharedTokenData } from '../../src/policy/shared-token-data.ts';
import { factsOf } from '../facts.ts';

const shared: SharedTokenData = {
  clientId: 'web-app',
  scope: [],
  evaluation: { audience: 'legacy', legacy: 'passed', target: 'wrong_audience', roles: { legacy: [], target: [] } },
};

function introspected(more: Partial<IntrospectedToken> = {}): IntrospectedToken {
  return { facts: factsOf(), shared, requestedAtMs: 1000, usableUntilMs: 2000, bytes: 10, ...more };
}

describe('createIntrospectionCache', () => {
  test('returns a token until it is no longer usable', () => {
    const cache = createIntrospectionCache({ maxEntries: 4, maxBytes: 1000 });
    const token = introspected();
    cache.set('a', token);

    expect(cache.get('a', 1000)).toBe(token);
    expect(cache.get('a', 1999)).toBe(token);
    expect(cache.get('b', 1999)).toBeUndefined();
    expect(cache.get('a', 2000)).toBeUndefined();
    expect(cache.get('a', 1999)).toBeUndefined();
  });

  test('knows a token that was active until it is forgotten or evicted', () => {
    const cache = createIntrospectionCache({ maxEntries: 2, maxBytes: 1000 });
    cache.set('a', introspected());
    cache.get('a', 2000);

    expect([cache.knows('a'), cache.knows('b')]).toEqual([true, false]);
    cache.set('b', introspected());
    cache.set('c', introspected());
    expect([cache.knows('a'), cache.knows('b'), cache.knows('c')]).toEqual([false, true, true]);
    cache.forget('b');
    expect([cache.knows('b'), cache.get('b', 1500)]).toEqual([false, undefined]);
  });

  test('returns nothing after the clock was set back', () => {
    const cache = createIntrospectionCache({ maxEntries: 4, maxBytes: 1000 });
    cache.set('a', introspected());

    expect(cache.get('a', 999)).toBeUndefined();
    expect(cache.get('a', 1500)).toBeUndefined();
  });

  test('limits the entries, and keeps the latest', () => {
    const cache = createIntrospectionCache({ maxEntries: 3, maxBytes: 1_000_000 });
    for (let index = 0; index < 10_000; index += 1) cache.set(`token-${index}`, introspected());

    const kept = Array.from({ length: 10_000 }, (_, index) => index).filter((index) =>
      cache.get(`token-${index}`, 1000),
    );
    expect(kept).toEqual([9997, 9998, 9999]);
  });

  test('limits the bytes of tokens and responses', () => {
    const cache = createIntrospectionCache({ maxEntries: 1000, maxBytes: 45 });
    for (const token of ['aaaaa', 'bbbbb', 'ccccc', 'ddddd']) cache.set(token, introspected());
    cache.set('e'.repeat(36), introspected());

    expect(cache.get('aaaaa', 1000)).toBeUndefined();
    expect(cache.get('bbbbb', 1000)).toBeDefined();
    expect(cache.get('ddddd', 1000)).toBeDefined();
    expect(cache.get('e'.repeat(36), 1000)).toBeUndefined();
  });

  test('counts a token that is set again once, with its new end', () => {
    const cache = createIntrospectionCache({ maxEntries: 2, maxBytes: 1000 });
    cache.set('a', introspected());
    cache.set('b', introspected());
    cache.set('a', introspected({ usableUntilMs: 3000 }));
    cache.set('c', introspected());

    expect(cache.get('a', 2500)).toBeDefined();
    expect(cache.get('b', 1500)).toBeUndefined();
    expect(cache.get('c', 1500)).toBeDefined();
  });
});
