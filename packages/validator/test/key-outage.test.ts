import { type Judgement, UnavailableError } from '@crossfade/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createValidator, type KeySnapshot, type ValidatorOptions } from '../src/index.ts';
import { createSigningKey, sign, startIssuer, type TestIssuer } from './issuer.ts';

const NOW_MS = 1_800_000_000_000;
const HOUR_MS = 3_600_000;
const [key, newKey, sameKid] = await Promise.all([
  createSigningKey({ kid: 'a' }),
  createSigningKey({ kid: 'b' }),
  createSigningKey({ kid: 'a' }),
]);

let issuer: TestIssuer;
let nowMs: number;

beforeEach(async () => {
  issuer = await startIssuer(key);
  nowMs = NOW_MS;
});
afterEach(() => issuer.close());

function validator(options: Partial<ValidatorOptions> = {}) {
  const legacy = { issuer: issuer.url, audience: 'default-api' };
  return createValidator({ clients: [], legacy, now: () => nowMs, ...options });
}

function token(more: Record<string, unknown> = {}, signer = key): Promise<string> {
  return sign({ iss: issuer.url, aud: 'default-api', exp: NOW_MS / 1000 + 1_000_000, ...more }, signer);
}

/** The token with a `kid` of its own; its signature does not matter, because the key is unknown. */
function underKid(genuine: string, kid: string): string {
  const header = Buffer.from(JSON.stringify({ alg: 'ES256', kid })).toString('base64url');
  return header + genuine.slice(genuine.indexOf('.'));
}

function jwksFetches(): number {
  return issuer.requests.filter((path) => path === '/jwks').length;
}

function reasonOf(judgement: Judgement) {
  return judgement.outcome === 'rejected' ? judgement.reason : judgement.outcome;
}

/** Lets fetches that are under way proceed. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('an outage of 24 hours', { timeout: 120_000 }, () => {
  test.each([
    ['cached', {}, 100_000],
    ['verified every time', { cache: false }, 2000],
  ] as const)('rejects no request with a known key, %s', async (_, options, requests) => {
    const warm = validator(options);
    const tokens = await Promise.all(Array.from({ length: 100 }, (_, index) => token({ sub: `u${index}` })));
    for (const known of tokens) await warm.judge(known);
    issuer.responses.set('/jwks', { status: 503 });

    let rejected = 0;
    for (let request = 1; request < requests; request += 1) {
      nowMs = NOW_MS + Math.floor((request * 24 * HOUR_MS) / requests);
      const judgement = await warm.judge(tokens[request % tokens.length]);
      if (judgement.outcome !== 'accepted') rejected += 1;
      if (request % 100 === 0) await turn();
    }
    expect(rejected).toBe(0);
    expect(warm.keys()[0]?.refreshes.success).toBe(1);

    nowMs = NOW_MS + 24 * HOUR_MS;
    await expect(warm.judge(tokens[0])).rejects.toBeInstanceOf(UnavailableError);
    issuer.publish(key);
    nowMs += 60_000;
    await vi.waitUntil(async () => (await warm.judge(tokens[0]).catch(() => undefined))?.outcome === 'accepted');
  });

  test('ends the keys earlier where keyRefresh.maxAge says so', async () => {
    const strict = validator({ keyRefresh: { refreshAfter: '1m', maxAge: '1h' } });
    const genuine = await token();
    await strict.judge(genuine);
    issuer.responses.set('/jwks', 'hang');

    nowMs += HOUR_MS - 1;
    expect(await strict.judge(genuine)).toMatchObject({ outcome: 'accepted' });
    strict.close();
    nowMs += 1;
    await expect(strict.judge(genuine)).rejects.toBeInstanceOf(UnavailableError);
  });
});

test('100,000 random kids trigger a handful of fetches, and a key rotated meanwhile is accepted within 5 seconds', {
  timeout: 180_000,
}, async () => {
  const warm = validator();
  const genuine = await token();
  await warm.judge(genuine);
  let accepted = 0;
  for (let index = 0; index < 100_000; index += 1) {
    const judgement = await warm.judge(underKid(genuine, `random-${index}`));
    if (judgement.outcome === 'accepted') accepted += 1;
  }
  expect(accepted).toBe(0);
  expect(jwksFetches()).toBe(5);

  issuer.publish(key, newKey);
  nowMs += 5000;
  expect(await warm.judge(await token({}, newKey))).toMatchObject({ outcome: 'accepted' });
  expect(await warm.judge(genuine)).toMatchObject({ outcome: 'accepted' });
  expect(jwksFetches()).toBe(6);
});

test('a flood of forged tokens triggers a handful of fetches, and a key replaced under its kid, or published, is accepted within 5 seconds', {
  timeout: 60_000,
}, async () => {
  const warm = validator();
  const genuine = await token();
  await warm.judge(genuine);
  const forged = await Promise.all(Array.from({ length: 2000 }, (_, index) => token({ sub: `u${index}` }, sameKid)));
  const flood = async () => new Set((await Promise.all(forged.map((bad) => warm.judge(bad)))).map(reasonOf));
  for (let round = 0; round < 4; round += 1) {
    for (const bad of forged.slice(0, 10)) await warm.judge(bad);
    expect(await flood()).toEqual(new Set(['bad_signature']));
  }
  expect(jwksFetches()).toBe(5);

  issuer.publish(sameKid);
  nowMs += 5000;
  expect(await warm.judge(await token({}, sameKid))).toMatchObject({ outcome: 'accepted' });
  expect(await warm.judge(genuine)).toMatchObject({ outcome: 'rejected', reason: 'bad_signature' });
  expect(jwksFetches()).toBe(6);

  for (const bad of await Promise.all(forged.slice(0, 50).map(() => token({}, key)))) await warm.judge(bad);
  issuer.publish(sameKid, newKey);
  nowMs += 5000;
  expect(await warm.judge(await token({}, newKey))).toMatchObject({ outcome: 'accepted' });
});

test('forged tokens stay bad signatures while the issuer is down, and known keys verify', async () => {
  const warm = validator();
  const genuine = await token();
  await warm.judge(genuine);
  issuer.responses.set('/jwks', { status: 500 });
  for (let index = 0; index < 100; index += 1) {
    expect(await warm.judge(await token({ sub: `u${index}` }, sameKid))).toMatchObject({ reason: 'bad_signature' });
  }

  expect(jwksFetches()).toBe(5);
  expect(await warm.judge(genuine)).toMatchObject({ outcome: 'accepted' });
  expect(await warm.judge(await token({ sub: 'new' }))).toMatchObject({ outcome: 'accepted' });
});

test('random kids while the issuer is down trigger no more fetches, and are unavailable', async () => {
  const warm = validator();
  const genuine = await token();
  await warm.judge(genuine);
  issuer.responses.set('/jwks', { status: 500 });
  for (let index = 0; index < 1000; index += 1) {
    await expect(warm.judge(underKid(genuine, `random-${index}`))).rejects.toBeInstanceOf(UnavailableError);
  }

  expect(jwksFetches()).toBe(5);
  expect(await warm.judge(genuine)).toMatchObject({ outcome: 'accepted' });
});

test('a removed key stops verifying once the due refresh has completed', async () => {
  const warm = validator({ keyRefresh: { refreshAfter: '1m' } });
  const genuine = await token();
  await warm.judge(genuine);
  issuer.publish(newKey);

  nowMs += 59_999;
  expect(await warm.judge(genuine)).toMatchObject({ outcome: 'accepted' });
  nowMs += 1;
  await warm.judge(genuine);
  await vi.waitUntil(() => warm.keys()[0]?.refreshes.success === 2);
  expect(await warm.judge(genuine)).toMatchObject({ reason: 'unknown_key' });
});

describe('a key store', () => {
  function storeOf(snapshot: KeySnapshot | undefined) {
    const saved: [string, KeySnapshot][] = [];
    return { saved, load: () => snapshot, save: (of: string, next: KeySnapshot) => void saved.push([of, next]) };
  }

  test('lets a process start while the issuer is down', async () => {
    issuer.responses.clear();
    const keyStore = storeOf({ jwks: { keys: [key.publicJwk] }, fetchedAtMs: NOW_MS - HOUR_MS });

    expect(await validator({ keyStore }).judge(await token())).toMatchObject({ outcome: 'accepted' });
  });

  test('saves the result of each fetch', async () => {
    const keyStore = storeOf(undefined);
    await validator({ keyStore }).judge(await token());

    expect(keyStore.saved).toEqual([[issuer.url, { jwks: { keys: [key.publicJwk] }, fetchedAtMs: NOW_MS }]]);
  });

  test('does not hide a newer key', async () => {
    issuer.publish(key, newKey);
    const keyStore = storeOf({ jwks: { keys: [key.publicJwk] }, fetchedAtMs: NOW_MS - 1000 });

    expect(await validator({ keyStore }).judge(await token({}, newKey))).toMatchObject({ outcome: 'accepted' });
  });

  test.each<[string, KeySnapshot]>([
    ['too old', { jwks: { keys: [newKey.publicJwk] }, fetchedAtMs: NOW_MS - 24 * HOUR_MS }],
    ['from the future', { jwks: { keys: [newKey.publicJwk] }, fetchedAtMs: NOW_MS + 1000 }],
    ['without a key', { jwks: { keys: [] }, fetchedAtMs: NOW_MS }],
  ])('that is %s is not used', async (_, snapshot) => {
    const started = validator({ keyStore: storeOf(snapshot) });

    expect(await started.judge(await token({}, newKey))).toMatchObject({ reason: 'unknown_key' });
    expect(await started.judge(await token())).toMatchObject({ outcome: 'accepted' });
  });

  test('that fails changes nothing', async () => {
    const fail = () => Promise.reject(new Error('disk full'));

    expect(await validator({ keyStore: { load: fail, save: fail } }).judge(await token())).toMatchObject({
      outcome: 'accepted',
    });
  });
});
