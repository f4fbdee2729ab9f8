import { randomUUID } from 'node:crypto';
import { UnavailableError } from '@crossfade/core';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { IssuerKeys } from '../../src/keys/issuer-keys.ts';
import { type KeySet, readKeySet } from '../../src/keys/key-set.ts';
import { remoteKeys } from '../../src/keys/remote-keys.ts';
import { createSigningKey } from '../issuer.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const AGES = { refreshAfterMs: 10 * MINUTE_MS, maxAgeMs: 24 * HOUR_MS };

const published = await createSigningKey();
/** A key set like no other, or like one before. */
function newKeySet(kid: string = randomUUID()): KeySet {
  return readKeySet({ keys: [{ ...published.publicJwk, kid }] }) as KeySet;
}

/** An issuer whose every fetch waits for the test to end it. */
let pending: PromiseWithResolversLike[];
let nowMs: number;
let keys: IssuerKeys;

interface PromiseWithResolversLike {
  readonly signal: AbortSignal;
  readonly succeed: (keySet: KeySet) => void;
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
        pending.push({ signal, succeed: resolve, fail: () => reject(new Error('down')) });
      }),
  });
});

function fetchesMade(): number {
  return pending.length;
}

async function warm(): Promise<KeySet> {
  const keySet = newKeySet();
  const current = keys.current();
  pending.at(-1)?.succeed(keySet);
  await current;
  return keySet;
}

async function fail(look: Promise<KeySet> | KeySet): Promise<void> {
  pending.at(-1)?.fail();
  await expect(look).rejects.toBeInstanceOf(UnavailableError);
}

describe('remoteKeys', () => {
  test('fetches nothing before it is asked', () => {
    expect(fetchesMade()).toBe(0);
    expect(keys.status()).toEqual({ ageSeconds: null, refreshes: { success: 0, failure: 0 } });
  });

  test('fetches once for all who ask while cold', async () => {
    const looks = Array.from({ length: 100 }, () => keys.current());
    const keySet = newKeySet();
    pending[0]?.succeed(keySet);

    expect(await Promise.all(looks)).toEqual(Array(100).fill(keySet));
    expect(fetchesMade()).toBe(1);
  });

  test('never waits once warm, not even for the refresh that is due', async () => {
    const keySet = await warm();
    expect(keys.current()).toBe(keySet);
    expect(fetchesMade()).toBe(1);

    nowMs += 10 * MINUTE_MS;
    expect(keys.current()).toBe(keySet);
    expect(fetchesMade()).toBe(2);
    expect(keys.current()).toBe(keySet);
    expect(fetchesMade()).toBe(2);
  });

  test('takes what the refresh brought', async () => {
    await warm();
    nowMs += 10 * MINUTE_MS;
    keys.current();
    const newer = newKeySet();
    pending.at(-1)?.succeed(newer);

    await vi.waitUntil(() => keys.current() === newer);
    expect(keys.status()).toEqual({ ageSeconds: 0, refreshes: { success: 2, failure: 0 } });
  });

  test('goes on with known keys for 24 hours of outage, without waiting, and not for longer', async () => {
    const keySet = await warm();
    for (let minutes = 1; minutes < 24 * 60; minutes += 1) {
      nowMs += MINUTE_MS;
      expect(keys.current()).toBe(keySet);
      pending.at(-1)?.fail();
      await Promise.resolve();
    }
    expect(keys.status().ageSeconds).toBe(24 * 3600 - 60);
    expect(keys.status().refreshes.success).toBe(1);
    expect(keys.status().refreshes.failure).toBeGreaterThan(1000);

    nowMs += MINUTE_MS;
    await fail(keys.current());
  });

  test('says unavailable while cold and down, and recovers with the issuer', async () => {
    await fail(keys.current());
    const look = keys.current();
    const keySet = newKeySet();
    pending.at(-1)?.succeed(keySet);

    expect(await look).toBe(keySet);
    expect(keys.status().refreshes).toEqual({ success: 1, failure: 1 });
  });

  test('does not hammer an issuer that is down', async () => {
    for (let requests = 0; requests < 1000; requests += 1) await fail(keys.current());
    expect(fetchesMade()).toBe(5);

    nowMs += 4000;
    await fail(keys.current());
    await fail(keys.current());
    expect(fetchesMade()).toBe(6);
  });

  test('gives up when the time is over', async () => {
    const hasty = remoteKeys({
      issuer: 'https://idp.example.com',
      timeoutMs: 1,
      ...AGES,
      now: Date.now,
      fetchKeySet: (signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    });

    await expect(hasty.current()).rejects.toMatchObject({
      code: 'unavailable',
      retryAfterSeconds: 5,
      cause: { name: 'TimeoutError' },
    });
  });
});

test('a key set is the same for as long as its keys are', async () => {
  const known = newKeySet('same');
  const current = keys.current();
  pending.at(-1)?.succeed(known);
  await current;
  expect(keys.isCurrent(known, nowMs)).toBe(true);

  const look = keys.newerThan(known);
  pending.at(-1)?.succeed(newKeySet('same'));
  expect(await look).toBe(known);
  expect(keys.isCurrent(known, nowMs)).toBe(true);

  const next = keys.newerThan(known);
  pending.at(-1)?.succeed(newKeySet());
  await next;
  expect(keys.isCurrent(known, nowMs)).toBe(false);
});

test('no key set is current once it is too old, and asking does not wait', async () => {
  const known = await warm();
  nowMs += 24 * HOUR_MS;

  expect(keys.isCurrent(known, nowMs)).toBe(false);
});

describe('a key nobody knows', () => {
  test('is looked for once by all who miss it', async () => {
    const known = await warm();
    const looks = Array.from({ length: 100 }, () => keys.newerThan(known));
    const newer = newKeySet();
    pending.at(-1)?.succeed(newer);

    expect(new Set(await Promise.all(looks))).toEqual(new Set([newer]));
    expect(fetchesMade()).toBe(2);
  });

  test('is found without a fetch when someone else just fetched', async () => {
    const known = await warm();
    const look = keys.newerThan(known);
    const newer = newKeySet();
    pending.at(-1)?.succeed(newer);
    await look;

    expect(await keys.newerThan(known)).toBe(newer);
    expect(fetchesMade()).toBe(2);
  });

  test('100,000 times costs a few fetches, and a new key is still found within 5 seconds', async () => {
    let known = await warm();
    for (let requests = 0; requests < 100_000; requests += 1) {
      const look = keys.newerThan(known);
      pending.at(-1)?.succeed(newKeySet());
      known = await look;
    }
    expect(fetchesMade()).toBe(5);

    nowMs += 5000;
    const look = keys.newerThan(known);
    const rotated = newKeySet();
    pending.at(-1)?.succeed(rotated);
    expect(await look).toBe(rotated);
  });

  test('is nobody’s fault while the issuer is down', async () => {
    const known = await warm();
    await fail(keys.newerThan(known));
    for (let requests = 0; requests < 10; requests += 1) await fail(keys.newerThan(known));

    expect(keys.current()).toBe(known);
  });
});

test('after close, a fetch under way ends, and known keys still serve', async () => {
  const known = await warm();
  const look = keys.newerThan(known);
  keys.close();

  await expect(look).rejects.toBeInstanceOf(UnavailableError);
  expect(pending.at(-1)?.signal.aborted).toBe(true);
  nowMs += HOUR_MS;
  expect(keys.current()).toBe(known);
});
