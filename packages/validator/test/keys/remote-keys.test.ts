import { randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { UnavailableError } from '@crossfade/core';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { IssuerKeys } from '../../src/keys/issuer-keys.ts';
import { type KeySet, readKeySet } from '../../src/keys/key-set.ts';
import { createKeySetFetcher } from '../../src/keys/key-set-fetcher.ts';
import { remoteKeys } from '../../src/keys/remote-keys.ts';
import { createSigningKey, startIssuer } from '../issuer.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const AGES = { refreshAfterMs: 10 * MINUTE_MS, maxAgeMs: 24 * HOUR_MS };

const published = await createSigningKey();
/** A key set with a random `kid`, or with the given one. */
function newKeySet(kid: string = randomUUID()): KeySet {
  return readKeySet({ keys: [{ ...published.publicJwk, kid }] }) as KeySet;
}

/** Every fetch waits until the test settles it. */
let pending: PromiseWithResolversLike[];
let nowMs: number;
let keys: IssuerKeys;

interface PromiseWithResolversLike {
  readonly signal: AbortSignal;
  readonly succeed: (keySet: KeySet, freshForMs?: number) => void;
  readonly fail: () => void;
}

beforeEach(() => {
  pending = [];
  nowMs = 1_000_000;
  keys = remoteKeys({
    issuer: 'https://idp.example.com',
    timeoutMs: 5000,
    ...AGES,
    now: () => nowMs,
    fetchKeySet: (signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        pending.push({
          signal,
          succeed: (keySet, freshForMs) => resolve({ keySet, freshForMs }),
          fail: () => reject(new Error('down')),
        });
      }),
  });
});

function fetchesMade(): number {
  return pending.length;
}

async function warm(freshForMs?: number): Promise<KeySet> {
  const keySet = newKeySet();
  const current = keys.current();
  pending.at(-1)?.succeed(keySet, freshForMs);
  await current;
  return keySet;
}

async function fail(fetching: Promise<KeySet> | KeySet): Promise<void> {
  pending.at(-1)?.fail();
  await expect(fetching).rejects.toBeInstanceOf(UnavailableError);
}

describe('remoteKeys', () => {
  test('fetches nothing before the first request', () => {
    expect(fetchesMade()).toBe(0);
    expect(keys.status()).toEqual({ ageSeconds: null, refreshes: { success: 0, failure: 0 } });
  });

  test('fetches once for concurrent requests while cold', async () => {
    const pendingKeys = Array.from({ length: 100 }, () => keys.current());
    const keySet = newKeySet();
    pending[0]?.succeed(keySet);

    expect(await Promise.all(pendingKeys)).toEqual(Array(100).fill(keySet));
    expect(fetchesMade()).toBe(1);
  });

  test('never waits once warm, not even for a due refresh', async () => {
    const keySet = await warm();
    expect(keys.current()).toBe(keySet);
    expect(fetchesMade()).toBe(1);

    nowMs += 10 * MINUTE_MS;
    expect(keys.current()).toBe(keySet);
    expect(fetchesMade()).toBe(2);
    expect(keys.current()).toBe(keySet);
    expect(fetchesMade()).toBe(2);
  });

  test('uses the refreshed keys', async () => {
    await warm();
    nowMs += 10 * MINUTE_MS;
    keys.current();
    const newer = newKeySet();
    pending.at(-1)?.succeed(newer);

    await vi.waitUntil(() => keys.current() === newer);
    expect(keys.status()).toEqual({ ageSeconds: 0, refreshes: { success: 2, failure: 0 } });
  });

  test('uses known keys for 24 hours of outage, without waiting, and no longer', async () => {
    const keySet = await warm();
    for (let minutes = 1; minutes < 24 * 60; minutes += 1) {
      nowMs += MINUTE_MS;
      expect(keys.current()).toBe(keySet);
      pending.at(-1)?.fail();
      await new Promise(setImmediate);
    }
    expect(keys.status().ageSeconds).toBe(24 * 3600 - 60);
    expect(keys.status().refreshes.success).toBe(1);
    expect(keys.status().refreshes.failure).toBeGreaterThan(1000);

    nowMs += MINUTE_MS;
    await fail(keys.current());
  });

  test('is unavailable while cold and the issuer is down, and recovers with the issuer', async () => {
    await fail(keys.current());
    const fetched = keys.current();
    const keySet = newKeySet();
    pending.at(-1)?.succeed(keySet);

    expect(await fetched).toBe(keySet);
    expect(keys.status().refreshes).toEqual({ success: 1, failure: 1 });
  });

  test('limits fetches while the issuer is down', async () => {
    for (let requests = 0; requests < 1000; requests += 1) await fail(keys.current());
    expect(fetchesMade()).toBe(5);

    nowMs += 4000;
    await fail(keys.current());
    await fail(keys.current());
    expect(fetchesMade()).toBe(6);
  });

  test('aborts a fetch after the timeout', async () => {
    const impatient = remoteKeys({
      issuer: 'https://idp.example.com',
      timeoutMs: 1,
      ...AGES,
      now: Date.now,
      fetchKeySet: (signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    });

    await expect(impatient.current()).rejects.toMatchObject({
      code: 'unavailable',
      retryAfterSeconds: 5,
      cause: { name: 'TimeoutError' },
    });
  });
});

describe('how long the issuer lets its keys be reused', () => {
  test.each([
    ['nothing', undefined, 10 * MINUTE_MS],
    ['no time', 0, 10_000],
    ['a second', 1000, 10_000],
    ['half a minute', 30_000, 30_000],
    ['a day', 24 * HOUR_MS, 10 * MINUTE_MS],
  ])('moves the refresh within our bounds: %s', async (_, freshForMs, refreshedAfterMs) => {
    await warm(freshForMs);
    nowMs += refreshedAfterMs - 1;
    keys.current();
    expect(fetchesMade()).toBe(1);

    nowMs += 1;
    keys.current();
    expect(fetchesMade()).toBe(2);
  });

  test('ends no known key during an outage', async () => {
    const known = await warm(0);
    nowMs += 24 * HOUR_MS - 1;

    expect(keys.current()).toBe(known);
  });
});

test('the key set stays the same object as long as its keys stay the same', async () => {
  const known = newKeySet('same');
  const current = keys.current();
  pending.at(-1)?.succeed(known);
  await current;
  expect(keys.isCurrent(known, nowMs)).toBe(true);

  const fetched = keys.newerThan(known);
  pending.at(-1)?.succeed(newKeySet('same'));
  expect(await fetched).toBe(known);
  expect(keys.isCurrent(known, nowMs)).toBe(true);

  const next = keys.newerThan(known);
  pending.at(-1)?.succeed(newKeySet());
  await next;
  expect(keys.isCurrent(known, nowMs)).toBe(false);
});

test('a key set is not current once it is too old', async () => {
  const known = await warm();
  nowMs += 24 * HOUR_MS;

  expect(keys.isCurrent(known, nowMs)).toBe(false);
});

describe('an unknown key', () => {
  test('triggers one fetch for concurrent requests', async () => {
    const known = await warm();
    const pendingKeys = Array.from({ length: 100 }, () => keys.newerThan(known));
    const newer = newKeySet();
    pending.at(-1)?.succeed(newer);

    expect(new Set(await Promise.all(pendingKeys))).toEqual(new Set([newer]));
    expect(fetchesMade()).toBe(2);
  });

  test('is found without a fetch after another request has fetched', async () => {
    const known = await warm();
    const fetched = keys.newerThan(known);
    const newer = newKeySet();
    pending.at(-1)?.succeed(newer);
    await fetched;

    expect(await keys.newerThan(known)).toBe(newer);
    expect(fetchesMade()).toBe(2);
  });

  test('costs a few fetches for 100,000 requests, and a new key is still found within 5 seconds', async () => {
    let known = await warm();
    for (let requests = 0; requests < 100_000; requests += 1) {
      const [made, fetched] = [fetchesMade(), keys.newerThan(known)];
      if (fetchesMade() > made) pending.at(-1)?.succeed(newKeySet());
      known = await fetched;
    }
    expect(fetchesMade()).toBe(5);

    nowMs += 5000;
    const fetched = keys.newerThan(known);
    const rotated = newKeySet();
    pending.at(-1)?.succeed(rotated);
    expect(await fetched).toBe(rotated);
  });

  test('keeps only so many callers waiting while the issuer hangs', async () => {
    const known = await warm();
    const pendingKeys = Array.from({ length: 1000 }, () => keys.newerThan(known));

    await expect(keys.newerThan(known)).rejects.toBeInstanceOf(UnavailableError);
    const newer = newKeySet();
    pending.at(-1)?.succeed(newer);
    expect(new Set(await Promise.all(pendingKeys))).toEqual(new Set([newer]));
    expect(await keys.newerThan(known)).toBe(newer);
    expect(fetchesMade()).toBe(2);
  });

  test('is unavailable while the issuer is down, and known keys still verify', async () => {
    const known = await warm();
    await fail(keys.newerThan(known));
    for (let requests = 0; requests < 10; requests += 1) await fail(keys.newerThan(known));

    expect(keys.current()).toBe(known);
  });
});

test('close aborts a pending fetch, and known keys still verify', async () => {
  const known = await warm();
  const fetched = keys.newerThan(known);
  keys.close();

  await expect(fetched).rejects.toBeInstanceOf(UnavailableError);
  expect(pending.at(-1)?.signal.aborted).toBe(true);
  nowMs += HOUR_MS;
  expect(keys.current()).toBe(known);
  await expect(keys.newerThan(known)).rejects.toBeInstanceOf(UnavailableError);
  expect(fetchesMade()).toBe(2);
});

test('a fetch ends with its timeout, however often memory is collected meanwhile', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const issuer = await startIssuer();
  issuer.responses.set('/jwks', 'hang');
  const fetchKeySet = createKeySetFetcher([issuer.url], issuer.jwksUrl);
  const hanging = remoteKeys({ issuer: issuer.url, fetchKeySet, timeoutMs: 200, ...AGES, now: Date.now });
  const collecting = setInterval(collectGarbage, 20);

  await expect(hanging.current()).rejects.toMatchObject({ cause: { name: 'TimeoutError' } });
  clearInterval(collecting);
  await issuer.close();
});
