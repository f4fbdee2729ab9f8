import { expect, test } from 'vitest';
import { createSenders } from '../../src/collect/senders.ts';
import { headOf, SENDER } from '../fixture/batch.ts';

const COUNT = { to: 'count', skippedBatches: 0 };
const OTHER = 'another-0123456789';
const START_MS = 1_000_000;
const MINUTE_MS = 60_000;

function open(maxSenders?: number) {
  const clock = { ms: START_MS };
  const senders = createSenders(() => clock.ms, maxSenders);
  return {
    clock,
    senders,
    hear: (change: Parameters<typeof headOf>[0] = {}, judgements = 1) => senders.hear(headOf(change), judgements),
    states: () => Object.fromEntries(senders.list().map(({ sender, state }) => [sender, state])),
  };
}

test('counts each batch of each sender once', () => {
  const { hear, senders } = open();
  expect(hear({ sequence: 1 }, 10)).toEqual(COUNT);
  expect(hear({ sequence: 1 }, 10)).toEqual({ to: 'skip_duplicate' });
  expect(hear({ sequence: 1, sender: OTHER }, 5)).toEqual(COUNT);
  expect(senders.list()).toMatchObject([{ counted: 10 }, { sender: OTHER, counted: 5 }]);
});

test('what a sender lost, or sent so late that it is given up, is a gap', () => {
  const { hear, senders, clock } = open();
  hear({ sequence: 1 });
  expect(senders.lastGapMs()).toBeNull();
  clock.ms += 1_000;
  hear({ sequence: 2, acknowledged: 1, lost: 3 });
  expect(senders.lastGapMs()).toBe(START_MS + 1_000);
  expect(senders.list()).toMatchObject([{ lost: 3 }]);
});

test('an older batch that arrives late tells nothing of now', () => {
  const { hear, senders } = open();
  hear({ sequence: 2, acceptance: 'target', name: 'b', closing: true });
  hear({ sequence: 1, acceptance: 'both', name: 'a' });
  expect(senders.list()).toMatchObject([{ acceptance: 'target', name: 'b', state: 'closed' }]);
});

test('does not watch while a sender is silent, and misses nothing when it comes back with all it has', () => {
  const { hear, senders, clock, states } = open();
  hear({ sequence: 1 });
  hear({ sequence: 1, sender: OTHER });
  clock.ms += 40_000;
  hear({ sequence: 2, sender: OTHER });
  expect(states()).toEqual({ [SENDER]: 'silent', [OTHER]: 'live' });
  expect(senders.isWatching()).toBe(false);
  expect(senders.lastGapMs()).toBe(clock.ms);
  hear({ sequence: 2 });
  expect(senders.isWatching()).toBe(true);
  expect(senders.lastGapMs()).toBeNull();
});

test('a sender that stays silent is not waited for, and its end stays a gap', () => {
  const { hear, senders, clock, states } = open();
  hear({ sequence: 1 });
  for (let sequence = 1; sequence <= 24; sequence += 1) {
    hear({ sequence, sender: OTHER });
    clock.ms += 30_000;
  }
  expect(states()).toEqual({ [SENDER]: 'gone', [OTHER]: 'live' });
  expect(senders.isWatching()).toBe(true);
  expect(senders.lastGapMs()).toBe(START_MS + 10 * MINUTE_MS);
});

test('a sender that says goodbye leaves no gap', () => {
  const { hear, senders, clock } = open();
  hear({ sequence: 1, sender: OTHER });
  hear({ sequence: 1, closing: true });
  clock.ms += 29_000;
  expect(senders.isWatching()).toBe(true);
  expect(senders.lastGapMs()).toBeNull();
});

test('sees nothing while nobody reports, but for the time it takes to restart', () => {
  const { hear, senders, clock } = open();
  expect(senders.isWatching()).toBe(true);
  clock.ms += 31_000;
  expect(senders.isWatching()).toBe(false);
  expect(senders.lastGapMs()).toBe(clock.ms);
  hear({ sequence: 1 });
  const joinedMs = clock.ms;
  expect(senders.isWatching()).toBe(true);
  expect(senders.lastGapMs()).toBe(joinedMs);
  hear({ sequence: 2, closing: true });
  clock.ms += 20_000;
  hear({ sequence: 1, sender: OTHER });
  expect(senders.lastGapMs()).toBe(joinedMs);
});

test('forgets only who was silent for long, and keeps the gap', () => {
  const { hear, senders, clock } = open(2);
  hear({ sequence: 1 });
  hear({ sequence: 1, sender: OTHER });
  expect(hear({ sequence: 1, sender: 'third-0123456789' })).toEqual({ to: 'refuse_full' });
  clock.ms += 23 * 60 * MINUTE_MS;
  expect(hear({ sequence: 1, sender: 'third-0123456789' })).toEqual({ to: 'refuse_full' });
  expect(hear({ sequence: 1, sender: OTHER })).toEqual({ to: 'skip_duplicate' });
  clock.ms += 2 * 60 * MINUTE_MS;
  expect(hear({ sequence: 1, sender: 'third-0123456789' })).toEqual(COUNT);
  expect(senders.list()).toHaveLength(2);
  expect(senders.lastGapMs()).toBeGreaterThanOrEqual(START_MS + 10 * MINUTE_MS);
});

test('forgets after an hour who said goodbye', () => {
  const { hear, clock } = open(1);
  hear({ sequence: 1, closing: true });
  clock.ms += 59 * MINUTE_MS;
  expect(hear({ sequence: 1, sender: OTHER })).toEqual({ to: 'refuse_full' });
  clock.ms += 2 * MINUTE_MS;
  expect(hear({ sequence: 1, sender: OTHER })).toEqual(COUNT);
});
