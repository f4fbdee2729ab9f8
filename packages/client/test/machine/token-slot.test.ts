import { UnavailableError } from '@crossfade/core';
import { expect, test } from 'vitest';
import { createTokenSlot, type MachineToken } from '../../src/machine/token-slot.ts';
import { GrantRefusedError } from '../../src/provider/errors.ts';

function slotAt(ms: number) {
  const clock = { ms };
  const slot = createTokenSlot(
    () => clock.ms,
    () => 0,
  );
  let sent = 0;
  const failing = (error: unknown) => async (): Promise<MachineToken> => {
    sent += 1;
    throw error;
  };
  const token: MachineToken = { accessToken: 'a', renewAtMs: ms + 600, expiresAtMs: ms + 1000, isBound: false };
  const granting = async () => {
    sent += 1;
    return token;
  };
  return { clock, slot, failing, granting, token, sent: () => sent };
}

test('a token is due from its renewal time on, and valid until it expires', async () => {
  const { clock, slot, granting, token } = slotAt(0);
  expect([slot.isDue(), slot.valid()]).toEqual([true, undefined]);
  await slot.renew(granting);
  expect([slot.isDue(), slot.valid()]).toEqual([false, token]);
  clock.ms = 600;
  expect([slot.isDue(), slot.valid()]).toEqual([true, token]);
  clock.ms = 1000;
  expect([slot.isDue(), slot.valid()]).toEqual([true, undefined]);
});

test('a token that is expedited is due, and valid for as long as it was', async () => {
  const { clock, slot, granting, token } = slotAt(0);
  slot.expedite();
  await slot.renew(granting);
  clock.ms = 100;
  slot.expedite();
  expect([slot.isDue(), slot.valid()?.accessToken]).toEqual([true, 'a']);
  await slot.renew(granting);
  expect([slot.isDue(), slot.valid()]).toEqual([false, token]);
});

test('the wait after failures doubles, and the latest failure is thrown while it lasts', async () => {
  const { clock, slot, failing, sent } = slotAt(0);
  for (const [failures, waitMs] of [5000, 10_000, 20_000, 40_000, 60_000, 60_000].entries()) {
    const error = new UnavailableError(`failure ${failures}`);
    await expect(slot.renew(failing(error))).rejects.toBe(error);
    clock.ms += waitMs - 1;
    await expect(slot.renew(failing('not sent'))).rejects.toBe(error);
    expect(sent()).toBe(failures + 1);
    clock.ms += 1;
  }
});

test('after a success the wait starts over', async () => {
  const { clock, slot, failing, granting } = slotAt(0);
  const error = new UnavailableError('down');
  await expect(slot.renew(failing(error))).rejects.toBe(error);
  clock.ms += 5000;
  await slot.renew(granting);
  await expect(slot.renew(failing(error))).rejects.toBe(error);
  clock.ms += 5000;
  await expect(slot.renew(granting)).resolves.toBeDefined();
});

test('a fallback is no failure: the next request is sent at once', async () => {
  const { slot, failing, granting, token } = slotAt(0);
  const fellBack = new GrantRefusedError('a token', 'invalid_target', { fallsBack: true });
  await expect(slot.renew(failing(fellBack))).rejects.toBe(fellBack);
  expect(await slot.renew(granting)).toBe(token);
});

test('a refused token is due, and stays valid for the callers that were not refused', async () => {
  const { slot, granting, token } = slotAt(0);
  await slot.renew(granting);
  expect(slot.isDue('another')).toBe(false);
  expect(slot.isDue('a')).toBe(true);
  expect([slot.valid('a'), slot.valid()]).toEqual([undefined, token]);
});
