import { expect, test } from 'vitest';
import { createSequenceWindow } from '../../src/collect/sequence-window.ts';

const NEW = { isNew: true, skipped: 0 };
const KNOWN = { isNew: false };

test('takes each number once, in whatever order they arrive', () => {
  const window = createSequenceWindow();
  expect([3, 1, 3, 2, 1, 4, 2].map((sequence) => window.admit(sequence, 0))).toEqual([
    NEW,
    NEW,
    KNOWN,
    NEW,
    KNOWN,
    NEW,
    KNOWN,
  ]);
});

test('takes nothing any more that its sender holds for done', () => {
  const window = createSequenceWindow();
  expect(window.admit(8, 7)).toEqual(NEW);
  expect(window.admit(7, 0)).toEqual(KNOWN);
  expect(window.admit(9, 8)).toEqual(NEW);
});

test('gives up what is missing for too long, and would rather miss it than count it twice', () => {
  const window = createSequenceWindow(3);
  for (const sequence of [2, 4, 5]) expect(window.admit(sequence, 0)).toEqual(NEW);
  expect(window.admit(7, 0)).toEqual({ isNew: true, skipped: 1 });
  expect(window.admit(1, 0)).toEqual(KNOWN);
  expect(window.admit(3, 0)).toEqual(NEW);
});

test('remembers few numbers, however many there were', () => {
  const window = createSequenceWindow(4);
  let skipped = 0;
  for (let sequence = 2; sequence < 10_000; sequence += 2) {
    const admission = window.admit(sequence, 0);
    if (admission.isNew) skipped += admission.skipped;
  }
  expect(skipped).toBe(4_995);
});
