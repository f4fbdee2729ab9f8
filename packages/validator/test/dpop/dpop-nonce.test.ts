import { describe, expect, test } from 'vitest';
import { createDpopNonces } from '../../src/dpop/dpop-nonce.ts';

const SECRET = 'a secret that both instances share, of 32 characters and more';

function noncesAt(nowMs: number, secret = SECRET) {
  const clock = { nowMs };
  return { clock, nonces: createDpopNonces({ secret, rotationSeconds: 300, now: () => clock.nowMs }) };
}

describe('createDpopNonces', () => {
  test('accepts its nonce in its period and the next, and no longer', () => {
    const { clock, nonces } = noncesAt(300_000_000);
    const nonce = nonces.current();

    expect(nonces.isRecent(nonce)).toBe(true);
    clock.nowMs += 599_999;
    expect(nonces.isRecent(nonce)).toBe(true);
    clock.nowMs += 1;
    expect(nonces.isRecent(nonce)).toBe(false);
  });

  test('changes the nonce in every period', () => {
    const { clock, nonces } = noncesAt(300_000_000);
    const nonce = nonces.current();

    clock.nowMs += 299_999;
    expect(nonces.current()).toBe(nonce);
    clock.nowMs += 1;
    expect(nonces.current()).not.toBe(nonce);
  });

  test('accepts nonces of an instance with the same secret whose clock is slightly off', () => {
    const { nonces } = noncesAt(300_000_000);

    expect(nonces.isRecent(noncesAt(300_000_000 + 1_000).nonces.current())).toBe(true);
    expect(nonces.isRecent(noncesAt(300_000_000 + 301_000).nonces.current())).toBe(true);
    expect(nonces.isRecent(noncesAt(300_000_000 - 1_000).nonces.current())).toBe(true);
  });

  test.each(['', 'a', 'a'.repeat(43), noncesAt(300_000_000, `${SECRET}!`).nonces.current()])(
    'rejects %j, which it never issued',
    (nonce) => {
      expect(noncesAt(300_000_000).nonces.isRecent(nonce)).toBe(false);
    },
  );

  test('uses characters that are valid in a header and a quoted string (RFC 9449 §8.1)', () => {
    expect(noncesAt(1_800_000_000_000).nonces.current()).toMatch(/^[\w-]{43}$/);
  });
});
