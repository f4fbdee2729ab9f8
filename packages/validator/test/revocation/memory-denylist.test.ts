import { ConfigError, UnavailableError } from '@crossfade/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMemoryDenylist } from '../../src/revocation/memory-denylist.ts';
import { acceptedToken, ISSUER } from './accepted-token.ts';

const NOW = 1_700_000_000;

function clock() {
  let seconds = NOW;
  return {
    now: () => seconds * 1000,
    pass(by: number) {
      seconds += by;
    },
  };
}

describe('createMemoryDenylist', () => {
  test('answers at once, and refuses the token from then on', async () => {
    const list = createMemoryDenylist({ by: 'jti' });
    const [one, other] = [acceptedToken({ jti: 'a' }), acceptedToken({ jti: 'b' })];
    expect(list.isRevoked(one)).toBe(false);
    await list.revoke({ issuer: ISSUER, jti: 'a', untilSeconds: Date.now() / 1000 + 60 });

    expect(list.isRevoked(one)).toBe(true);
    expect(list.isRevoked(other)).toBe(false);
    expect(list.isRevoked(acceptedToken({}))).toBe(false);
  });

  test('keeps an entry until no clock tolerance accepts the token, and no longer', async () => {
    const { now, pass } = clock();
    const list = createMemoryDenylist({ by: 'jti', now });
    await list.revoke({ issuer: ISSUER, jti: 'a', untilSeconds: NOW + 60 });

    pass(359);
    expect(list.isRevoked(acceptedToken({ jti: 'a' }))).toBe(true);
    pass(1);
    expect(list.isRevoked(acceptedToken({ jti: 'a' }))).toBe(false);
  });

  test('lets the user log in again after a revocation by sub', async () => {
    const { now } = clock();
    const list = createMemoryDenylist({ by: 'sub', now });
    await list.revoke({ issuer: ISSUER, sub: 'alice', untilSeconds: NOW + 3600 });

    expect(list.isRevoked(acceptedToken({ sub: 'alice', iat: NOW - 5 }))).toBe(true);
    expect(list.isRevoked(acceptedToken({ sub: 'alice', iat: NOW + 5 }))).toBe(false);
    expect(list.isRevoked(acceptedToken({ sub: 'alice' }))).toBe(true);
    expect(list.isRevoked(acceptedToken({ sub: 'alice', iss: 'https://other.example.com', iat: 1 }))).toBe(false);
  });

  test('never shortens what an earlier revocation said', async () => {
    const { now, pass } = clock();
    const list = createMemoryDenylist({ by: 'sub', now });
    await list.revoke({ issuer: ISSUER, sub: 'alice', untilSeconds: NOW + 3600, revokedAtSeconds: NOW + 100 });
    await list.revoke({ issuer: ISSUER, sub: 'alice', untilSeconds: NOW + 10 });

    pass(3000);
    expect(list.isRevoked(acceptedToken({ sub: 'alice', iat: NOW + 100 }))).toBe(true);
  });

  test('takes a revocation whose tokens have expired, and keeps nothing of it', async () => {
    const { now } = clock();
    const list = createMemoryDenylist({ by: 'jti', now, maxEntries: 1 });
    for (const jti of ['a', 'b', 'c']) await list.revoke({ issuer: ISSUER, jti, untilSeconds: NOW - 301 });
    await list.revoke({ issuer: ISSUER, jti: 'd', untilSeconds: NOW + 1 });

    expect(list.isRevoked(acceptedToken({ jti: 'a' }))).toBe(false);
    expect(list.isRevoked(acceptedToken({ jti: 'd' }))).toBe(true);
  });

  test('rejects a new entry when it is full, forgets none, and has room again once some have ended', async () => {
    const { now, pass } = clock();
    const list = createMemoryDenylist({ by: 'jti', now, maxEntries: 3 });
    const revoke = (jti: string) => list.revoke({ issuer: ISSUER, jti, untilSeconds: Math.floor(now() / 1000) + 60 });
    for (const jti of ['a', 'b', 'c']) await revoke(jti);

    await expect(revoke('d')).rejects.toThrow(UnavailableError);
    await expect(revoke('d')).rejects.toMatchObject({ dependency: 'revocation' });
    await revoke('a');
    for (const jti of ['a', 'b', 'c']) expect(list.isRevoked(acceptedToken({ jti }))).toBe(true);

    pass(400);
    await revoke('d');
    expect(list.isRevoked(acceptedToken({ jti: 'd' }))).toBe(true);
  });

  test('agrees with a list that never forgets, whatever is revoked and asked in whatever order', () => {
    const step = fc.record({
      jti: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      untilIn: fc.integer({ min: -400, max: 400 }),
      pass: fc.nat(200),
    });
    return fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { now, pass } = clock();
        const list = createMemoryDenylist({ by: 'jti', now, maxEntries: 6 });
        const endOf = new Map<string, number>();
        for (const { jti, untilIn, pass: seconds } of steps) {
          const untilSeconds = now() / 1000 + untilIn;
          await list.revoke({ issuer: ISSUER, jti, untilSeconds });
          endOf.set(jti, Math.max(endOf.get(jti) ?? 0, untilSeconds + 300));
          pass(seconds);
          for (const [one, end] of endOf) expect(list.isRevoked(acceptedToken({ jti: one }))).toBe(end > now() / 1000);
        }
      }),
    );
  });

  test.each<[string, object, RegExp]>([
    ['no claim', {}, /by: is required/],
    ['an unknown claim', { by: 'email' }, /by: must be jti, sid or sub/],
    ['no room', { by: 'jti', maxEntries: 0 }, /maxEntries: must be a whole number/],
    ['a clock that is none', { by: 'jti', now: 7 }, /now: must be a function/],
    ['an unknown option', { by: 'jti', max: 1 }, /max: is not a known setting/],
  ])('rejects %s', (_, options, message) => {
    const create = () => createMemoryDenylist(options as { by: 'jti' });

    expect(create).toThrow(ConfigError);
    expect(create).toThrow(message);
  });
});
