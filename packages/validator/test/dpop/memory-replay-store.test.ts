import { UnavailableError } from '@crossfade/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMemoryReplayStore } from '../../src/dpop/memory-replay-store.ts';

function storeAt(startMs: number, maxEntries?: number) {
  const clock = { nowMs: startMs };
  const now = () => clock.nowMs;
  return { clock, store: createMemoryReplayStore({ now, ...(maxEntries === undefined ? {} : { maxEntries }) }) };
}

describe('createMemoryReplayStore', () => {
  test('lets each key be claimed once', () => {
    const { store } = storeAt(0);

    expect(store.claim('a', 60)).toBe(true);
    expect(store.claim('a', 60)).toBe(false);
    expect(store.claim('b', 60)).toBe(true);
  });

  test('forgets a claim when it expires, and not a millisecond earlier', () => {
    const { clock, store } = storeAt(1_800_000_000_400);
    store.claim('a', 60);

    clock.nowMs += 59_999;
    expect(store.claim('a', 60)).toBe(false);
    clock.nowMs += 1;
    expect(store.claim('a', 60)).toBe(true);
    clock.nowMs += 1_000;
    expect(store.claim('a', 60)).toBe(false);
  });

  test('rejects new claims when full, until one has expired', () => {
    const { clock, store } = storeAt(0, 2);
    store.claim('a', 10);
    store.claim('b', 20);

    expect(() => store.claim('c', 10)).toThrow(UnavailableError);
    expect(store.claim('a', 10)).toBe(false);
    clock.nowMs += 11_000;
    expect(store.claim('c', 10)).toBe(true);
    expect(store.claim('b', 10)).toBe(false);
  });

  test('agrees with the simplest store for any claims at any time', () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd'),
      ttlSeconds: fc.integer({ min: 1, max: 5 }),
      passMs: fc.integer({ min: 0, max: 2_500 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { clock, store } = storeAt(1_800_000_000_123);
        const until = new Map<string, number>();
        for (const { key, ttlSeconds, passMs } of steps) {
          clock.nowMs += passMs;
          const isFree = (until.get(key) ?? 0) <= clock.nowMs;
          if (isFree) until.set(key, clock.nowMs + ttlSeconds * 1000);
          expect(store.claim(key, ttlSeconds)).toBe(isFree);
        }
      }),
    );
  });
});
