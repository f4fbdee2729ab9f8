import type { ObservedAcceptance } from '@crossfade/core';
import { expect, test } from 'vitest';
import { createOutbox } from '../../src/collector/batch-queue.ts';
import { createTally } from '../../src/collector/judgement-aggregator.ts';
import { EXPIRED, LEGACY } from './judgements.ts';

function open() {
  const tally = createTally();
  const held: { acceptance: ObservedAcceptance } = { acceptance: 'both' };
  const parts = { tally, sender: 'sender-0123456789', name: 'api-1', acceptance: () => held.acceptance };
  const outbox = createOutbox(parts);
  const lines = (nowMs = 0) =>
    outbox
      .next()
      .body(nowMs)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  return { tally, held, outbox, lines };
}

test('a batch stays what it is until it is settled; what comes in meanwhile waits', () => {
  const { tally, held, outbox, lines } = open();
  tally.add(LEGACY, 0);
  const [head, ...records] = lines(5);
  expect(head).toEqual({
    ...{ version: 1, sender: 'sender-0123456789', name: 'api-1', acceptance: 'both' },
    ...{ sequence: 1, acknowledged: 0, lost: 0 },
  });
  tally.add(EXPIRED, 6);
  held.acceptance = 'target';
  expect(lines(9)).toEqual([{ ...head, acceptance: 'target' }, ...records.map((record) => ({ ...record, ageMs: 9 }))]);
  expect(outbox.pending()).toBe(2);
  outbox.counted(outbox.next());
  expect(outbox.pending()).toBe(1);
  expect(lines()).toMatchObject([
    { sequence: 2, acknowledged: 1 },
    { kind: 'rejected', count: 1 },
  ]);
});

test('reports what was given up, once somebody has heard it', () => {
  const { tally, outbox, lines } = open();
  for (let n = 0; n < 3; n += 1) tally.add(LEGACY, 0);
  outbox.givenUp(outbox.next());
  expect([outbox.lost(), outbox.pending(), outbox.unsettled()]).toEqual([3, 0, undefined]);
  tally.add(LEGACY, 0);
  expect(lines()[0]).toMatchObject({ sequence: 2, lost: 3 });
  outbox.givenUp(outbox.next());
  expect(lines()[0]).toMatchObject({ sequence: 3, lost: 4 });
  outbox.counted(outbox.next());
  expect(lines()[0]).toMatchObject({ sequence: 4, lost: 0 });
});

test('says that the process ends', () => {
  const { outbox, lines } = open();
  outbox.closing();
  expect(lines()).toMatchObject([{ sequence: 1, closing: true }]);
});
