import { expect, test } from 'vitest';
import { createSenders } from '../../src/collect/senders.ts';
import { headOf, SENDER } from '../fixture/batch.ts';

const COUNT = { action: 'count', skippedBatches: 0 };
const OTHER = 'another-0123456789';
const START_MS = 1_000_000;
const MINUTE_MS = 60_000;

function open(maxSenders?: number) {
  const clock = { ms: START_MS };
  const senders = createSenders(() => clock.ms, maxSenders);
  return {
    clock,
    senders,
    receive: (change: Parameters<typeof headOf>[0] = {}, judgements = 1) => senders.receive(headOf(change), judgements),
    states: () => Object.fromEntries(senders.list().map(({ sender, state }) => [sender, state])),
  };
}

test('counts each batch of each sender once', () => {
  const { receive, senders } = open();
  expect(receive({ sequence: 1 }, 10)).toEqual(COUNT);
  expect(receive({ sequence: 1 }, 10)).toEqual({ action: 'skip_duplicate' });
  expect(receive({ sequence: 1, sender: OTHER }, 5)).toEqual(COUNT);
  expect(senders.list()).toMatchObject([{ counted: 10 }, { sender: OTHER, counted: 5 }]);
});

test('judgements that a sender lost leave a gap', () => {
  const { receive, senders, clock } = open();
  receive({ sequence: 1 });
  expect(senders.lastGapMs()).toBeNull();
  clock.ms += 1_000;
  receive({ sequence: 2, acknowledged: 1, lost: 3 });
  expect(senders.lastGapMs()).toBe(START_MS + 1_000);
  expect(senders.list()).toMatchObject([{ lost: 3 }]);
});

test('an older batch that arrives late does not change what the sender reports', () => {
  const { receive, senders } = open();
  receive({ sequence: 2, acceptance: 'target', name: 'b', closing: true });
  receive({ sequence: 1, acceptance: 'both', name: 'a' });
  expect(senders.list()).toMatchObject([{ acceptance: 'target', name: 'b', state: 'closed' }]);
});

test('does not watch while a sender is silent, and has no gap once it delivers everything', () => {
  const { receive, senders, clock, states } = open();
  receive({ sequence: 1 });
  receive({ sequence: 1, sender: OTHER });
  clock.ms += 40_000;
  receive({ sequence: 2, sender: OTHER });
  expect(states()).toEqual({ [SENDER]: 'silent', [OTHER]: 'live' });
  expect(senders.isWatching()).toBe(false);
  expect(senders.lastGapMs()).toBe(clock.ms);
  receive({ sequence: 2 });
  expect(senders.isWatching()).toBe(true);
  expect(senders.lastGapMs()).toBeNull();
});

test('stops waiting for a sender after 10 minutes of silence, and keeps the gap', () => {
  const { receive, senders, clock, states } = open();
  receive({ sequence: 1 });
  for (let sequence = 1; sequence <= 24; sequence += 1) {
    receive({ sequence, sender: OTHER });
    clock.ms += 30_000;
  }
  expect(states()).toEqual({ [SENDER]: 'gone', [OTHER]: 'live' });
  expect(senders.isWatching()).toBe(true);
  expect(senders.lastGapMs()).toBe(START_MS + 10 * MINUTE_MS);
});

test('a sender that closes leaves no gap', () => {
  const { receive, senders, clock } = open();
  receive({ sequence: 1, sender: OTHER });
  receive({ sequence: 1, closing: true });
  clock.ms += 29_000;
  expect(senders.isWatching()).toBe(true);
  expect(senders.lastGapMs()).toBeNull();
});

test('has a gap while no process reports, except for the time of a restart', () => {
  const { receive, senders, clock } = open();
  expect(senders.isWatching()).toBe(true);
  clock.ms += 31_000;
  expect(senders.isWatching()).toBe(false);
  expect(senders.lastGapMs()).toBe(clock.ms);
  receive({ sequence: 1 });
  const joinedMs = clock.ms;
  expect(senders.isWatching()).toBe(true);
  expect(senders.lastGapMs()).toBe(joinedMs);
  receive({ sequence: 2, closing: true });
  clock.ms += 20_000;
  receive({ sequence: 1, sender: OTHER });
  expect(senders.lastGapMs()).toBe(joinedMs);
});

test('forgets a silent sender only after a day, and keeps its gap', () => {
  const { receive, senders, clock } = open(2);
  receive({ sequence: 1 });
  receive({ sequence: 1, sender: OTHER });
  expect(receive({ sequence: 1, sender: 'third-0123456789' })).toEqual({ action: 'refuse_full' });
  clock.ms += 23 * 60 * MINUTE_MS;
  expect(receive({ sequence: 1, sender: 'third-0123456789' })).toEqual({ action: 'refuse_full' });
  expect(receive({ sequence: 1, sender: OTHER })).toEqual({ action: 'skip_duplicate' });
  clock.ms += 2 * 60 * MINUTE_MS;
  expect(receive({ sequence: 1, sender: 'third-0123456789' })).toEqual(COUNT);
  expect(senders.list()).toHaveLength(2);
  expect(senders.lastGapMs()).toBeGreaterThanOrEqual(START_MS + 10 * MINUTE_MS);
});

test('forgets a closed sender after an hour', () => {
  const { receive, clock } = open(1);
  receive({ sequence: 1, closing: true });
  clock.ms += 59 * MINUTE_MS;
  expect(receive({ sequence: 1, sender: OTHER })).toEqual({ action: 'refuse_full' });
  clock.ms += 2 * MINUTE_MS;
  expect(receive({ sequence: 1, sender: OTHER })).toEqual(COUNT);
});
