import { UnavailableError } from '@crossfade/core';
import { expect, it, vi } from 'vitest';
import { createPoll } from '../../src/watch/poll.ts';

function controlled() {
  let nowMs = 1_000_000;
  const readings: { resolve(value: string): void; reject(error: unknown): void }[] = [];
  const read = () => new Promise<string>((resolve, reject) => readings.push({ resolve, reject }));
  const [onChange, onDefect] = [vi.fn(), vi.fn()];
  const poll = createPoll(read, { everyMs: 2000, now: () => nowMs, onChange, onDefect });
  return {
    poll,
    readings,
    onDefect,
    pass: (ms: number) => (nowMs += ms),
    settle: async (act: () => void) => {
      const before = onChange.mock.calls.length + onDefect.mock.calls.length;
      act();
      await expect.poll(() => onChange.mock.calls.length + onDefect.mock.calls.length).toBe(before + 1);
    },
  };
}

it('keeps the last value when a reading fails, with when the trouble began and why', async () => {
  const { poll, readings, pass, settle } = controlled();
  poll.tick();
  await settle(() => readings[0]?.resolve('first'));
  pass(2000);
  poll.tick();
  await settle(() => readings[1]?.reject(new UnavailableError('cannot be reached')));
  pass(2000);
  poll.tick();
  await settle(() => readings[2]?.reject(new UnavailableError('did not respond')));
  expect(poll.state()).toEqual({
    value: 'first',
    readAtMs: 1_000_000,
    trouble: { sinceMs: 1_002_000, why: 'did not respond' },
  });
  pass(2000);
  poll.tick();
  await settle(() => readings[3]?.resolve('second'));
  expect(poll.state()).toEqual({ value: 'second', readAtMs: 1_006_000, trouble: null });
});

it('reports a reading that hangs while it hangs, and begins no other', () => {
  const { poll, readings, pass } = controlled();
  poll.tick();
  pass(4000);
  poll.tick();
  expect(poll.state().trouble).toBeNull();
  pass(4000);
  poll.tick();
  expect(poll.state().trouble).toEqual({ sinceMs: 1_000_000, why: 'no response yet' });
  expect(readings).toHaveLength(1);
});

it('reads on after the clock was set back', async () => {
  const { poll, readings, pass, settle } = controlled();
  poll.tick();
  await settle(() => readings[0]?.resolve('first'));
  pass(-3_600_000);
  poll.tick();
  expect(readings).toHaveLength(2);
});

it('hands on an error that is none of ours', async () => {
  const { poll, readings, settle, onDefect } = controlled();
  poll.tick();
  const defect = new TypeError('a bug');
  await settle(() => readings[0]?.reject(defect));
  expect(onDefect).toHaveBeenCalledWith(defect);
});
