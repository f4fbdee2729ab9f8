import type { ObservedAcceptance } from '@crossfade/core';
import { expect, test } from 'vitest';
import { createBatchQueue } from '../../src/collector/batch-queue.ts';
import { createJudgementAggregator } from '../../src/collector/judgement-aggregator.ts';
import { EXPIRED, LEGACY } from './judgements.ts';

function open() {
  const aggregator = createJudgementAggregator();
  const state: { acceptance: ObservedAcceptance } = { acceptance: 'both' };
  const parts = { aggregator, sender: 'sender-0123456789', name: 'api-1', acceptance: () => state.acceptance };
  const queue = createBatchQueue(parts);
  const lines = (nowMs = 0) =>
    queue
      .next()
      .body(nowMs)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  return { aggregator, state, queue, lines };
}

test('a batch stays the same until it is counted; new records wait', () => {
  const { aggregator, state, queue, lines } = open();
  aggregator.add(LEGACY, 0);
  const [head, ...records] = lines(5);
  expect(head).toEqual({
    ...{ version: 2, sender: 'sender-0123456789', name: 'api-1', acceptance: 'both' },
    ...{ sequence: 1, acknowledged: 0, lost: 0 },
  });
  aggregator.add(EXPIRED, 6);
  state.acceptance = 'target';
  expect(lines(9)).toEqual([{ ...head, acceptance: 'target' }, ...records.map((record) => ({ ...record, ageMs: 9 }))]);
  expect(queue.pending()).toBe(2);
  queue.counted(queue.next());
  expect(queue.pending()).toBe(1);
  expect(lines()).toMatchObject([
    { sequence: 2, acknowledged: 1 },
    { kind: 'rejected', count: 1 },
  ]);
});

test('reports dropped judgements until a collector has counted the report', () => {
  const { aggregator, queue, lines } = open();
  for (let n = 0; n < 3; n += 1) aggregator.add(LEGACY, 0);
  queue.dropped(queue.next());
  expect([queue.lost(), queue.pending(), queue.unsettled()]).toEqual([3, 0, undefined]);
  aggregator.add(LEGACY, 0);
  expect(lines()[0]).toMatchObject({ sequence: 2, lost: 3 });
  queue.dropped(queue.next());
  expect(lines()[0]).toMatchObject({ sequence: 3, lost: 4 });
  queue.counted(queue.next());
  expect(lines()[0]).toMatchObject({ sequence: 4, lost: 0 });
});

test('marks the last batch of a process', () => {
  const { queue, lines } = open();
  queue.closing();
  expect(lines()).toMatchObject([{ sequence: 1, closing: true }]);
});
