import { UnavailableError } from '@crossfade/core';
import { describe, expect, test } from 'vitest';
import { createDpopCheck, type DpopRequest } from '../../src/dpop/dpop-check.ts';
import type { DpopSettings } from '../../src/dpop/dpop-options.ts';
import { createMemoryReplayStore } from '../../src/dpop/memory-replay-store.ts';
import type { ReplayStore } from '../../src/dpop/replay-store.ts';
import { createDpopKey, type ProofParts, prove } from '../dpop.ts';

const NOW = 1_800_000_000;
const SECRET = 'a secret of more than thirty-two characters';
const key = await createDpopKey();
const target = { method: 'GET', url: 'https://api.example.com/orders', token: 'token' };

function checkAt(clock: { nowSeconds: number }, settings: Partial<DpopSettings> = {}) {
  const now = () => clock.nowSeconds * 1000;
  const defaults = {
    algorithms: new Set(['ES256']),
    proofMaxAgeSeconds: 60,
    clockToleranceSeconds: 5,
    nonce: undefined,
  };
  return createDpopCheck({ ...defaults, replay: createMemoryReplayStore({ now }), ...settings }, now);
}

async function requestWith(parts: ProofParts = {}, by = key): Promise<DpopRequest> {
  const proof = await prove(by, { ...target, nowSeconds: NOW }, parts);
  return { ...target, proofs: [proof], key: by.thumbprint };
}

/** Records claims, and grants them all. */
function recorder(): ReplayStore & { claims: [key: string, ttlSeconds: number][] } {
  const claims: [string, number][] = [];
  return {
    claims,
    claim(name, ttlSeconds) {
      claims.push([name, ttlSeconds]);
      return true;
    },
  };
}

describe('prove', () => {
  test('accepts a proof once', async () => {
    const check = checkAt({ nowSeconds: NOW });
    const request = await requestWith();

    expect(await check.prove(request)).toBe('proven');
    expect(await check.prove(request)).toBe('invalid_dpop_proof');
    expect(await check.prove(await requestWith())).toBe('proven');
  });

  test('accepts a jti once per key', async () => {
    const check = checkAt({ nowSeconds: NOW });
    const parts = { claims: { jti: 'a' } };

    expect(await check.prove(await requestWith(parts))).toBe('proven');
    expect(await check.prove(await requestWith({ claims: { jti: 'a', iat: NOW - 1 } }))).toBe('invalid_dpop_proof');
    expect(await check.prove(await requestWith(parts, await createDpopKey()))).toBe('proven');
  });

  test('distinguishes a missing proof, several proofs and a wrong key', async () => {
    const check = checkAt({ nowSeconds: NOW });
    const request = await requestWith();
    const another = await requestWith();

    expect(await check.prove({ ...request, proofs: [] })).toBe('missing');
    expect(await check.prove({ ...request, proofs: [...request.proofs, ...another.proofs] })).toBe(
      'invalid_dpop_proof',
    );
    expect(await check.prove({ ...request, key: 'k'.repeat(43) })).toBe('wrong_key');
    expect(await check.prove(request)).toBe('proven');
  });

  test('remembers a proof for exactly as long as it could be replayed', async () => {
    const clock = { nowSeconds: NOW };
    const check = checkAt(clock);
    const early = await requestWith({ claims: { iat: NOW + 5 } });
    expect(await check.prove(early)).toBe('proven');

    for (; clock.nowSeconds <= NOW + 75; clock.nowSeconds += 0.5) {
      expect(await check.prove(early)).toBe('invalid_dpop_proof');
    }
  });

  test.each([
    [NOW + 5, 71],
    [NOW, 66],
    [NOW - 65, 1],
  ])('asks the store to remember a proof of second %d for %d seconds', async (iat, ttlSeconds) => {
    const replay = recorder();
    await checkAt({ nowSeconds: NOW }, { replay }).prove(await requestWith({ claims: { iat } }));

    expect(replay.claims).toEqual([[expect.stringMatching(/^[\w-]{43}$/), ttlSeconds]]);
  });

  test('claims valid proofs only, with keys of one length', async () => {
    const replay = recorder();
    const check = checkAt({ nowSeconds: NOW }, { replay });

    await check.prove(await requestWith({ claims: { htm: 'POST' } }));
    await check.prove({ ...(await requestWith()), key: 'k'.repeat(43) });
    expect(replay.claims).toEqual([]);
    await check.prove(await requestWith({ claims: { jti: 'a'.repeat(4000) } }));
    expect(replay.claims).toEqual([[expect.stringMatching(/^[\w-]{43}$/), 66]]);
  });

  test.each<[string, ReplayStore['claim']]>([
    [
      'throws',
      () => {
        throw new Error('down');
      },
    ],
    ['rejects', () => Promise.reject(new Error('down'))],
    ['is full', createMemoryReplayStore({ maxEntries: 0 }).claim],
  ])('is unavailable while its store %s', async (_, claim) => {
    const check = checkAt({ nowSeconds: NOW }, { replay: { claim } });

    await expect(check.prove(await requestWith())).rejects.toThrow(UnavailableError);
  });

  test.each(['OK', 1, undefined, {}])('rejects a proof if the store returns %j', async (result) => {
    const replay = { claim: async () => result as unknown as boolean };

    expect(await checkAt({ nowSeconds: NOW }, { replay }).prove(await requestWith())).toBe('invalid_dpop_proof');
  });
});

describe('with nonces', () => {
  const nonce = { secret: SECRET, rotationSeconds: 300 };

  test('requires one, and accepts a proof that carries it', async () => {
    const clock = { nowSeconds: NOW };
    const check = checkAt(clock, { nonce });
    expect(await check.prove(await requestWith())).toBe('use_dpop_nonce');

    const issued = check.challenge('use_dpop_nonce').nonce;
    expect(await check.prove(await requestWith({ claims: { nonce: issued } }))).toBe('proven');
    expect(await check.prove(await requestWith({ claims: { nonce: `${issued}x` } }))).toBe('use_dpop_nonce');
  });

  test('accepts one of another instance with the same secret only', async () => {
    const issued = checkAt({ nowSeconds: NOW }, { nonce }).challenge().nonce;
    const proof = () => requestWith({ claims: { nonce: issued } });

    expect(await checkAt({ nowSeconds: NOW }, { nonce }).prove(await proof())).toBe('proven');
    const otherSecret = { ...nonce, secret: `another ${SECRET}` };
    expect(await checkAt({ nowSeconds: NOW }, { nonce: otherSecret }).prove(await proof())).toBe('use_dpop_nonce');
  });

  test('rejects an old one', async () => {
    const clock = { nowSeconds: NOW - 700 };
    const check = checkAt(clock, { nonce });
    const issued = check.challenge().nonce;
    clock.nowSeconds = NOW;

    expect(await check.prove(await requestWith({ claims: { nonce: issued } }))).toBe('use_dpop_nonce');
  });

  test('distinguishes an invalid proof from one without a nonce, and claims neither', async () => {
    const replay = recorder();
    const check = checkAt({ nowSeconds: NOW }, { nonce, replay });

    expect(await check.prove(await requestWith({ claims: { htm: 'POST' } }))).toBe('invalid_dpop_proof');
    expect(await check.prove(await requestWith())).toBe('use_dpop_nonce');
    expect(replay.claims).toEqual([]);
  });
});

test('challenges with the algorithms, and with a nonce only if it requires one', () => {
  const algorithms = new Set(['ES256', 'EdDSA']);

  expect(checkAt({ nowSeconds: NOW }, { algorithms }).challenge()).toEqual({ algorithms: ['ES256', 'EdDSA'] });
  expect(
    checkAt({ nowSeconds: NOW }, { algorithms, nonce: { secret: SECRET, rotationSeconds: 300 } }).challenge(
      'use_dpop_nonce',
    ),
  ).toEqual({ algorithms: ['ES256', 'EdDSA'], error: 'use_dpop_nonce', nonce: expect.any(String) });
});
