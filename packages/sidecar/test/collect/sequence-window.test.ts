import { expect, test } from 'vitest';
import { createSequenceWindow } from '../../src/collect/sequence-window.ts';

const NEW = { isNew: true, skipped: 0 };
const KNOWN = { isNew: false };

test('accepts each number once, in any order of arrival', () => {
  const window = createSequenceWindow();
  expect([3, 1, 3, 2, 1, 4, 2].map((sequence) => window.add(sequence, 0))).toEqual([
    NEW,
    NEW,
    KNOWN,
    NEW,
    KNOWN,
    NEW,
    KNOWN,
  ]);
});

test('rejects every number that its sender has acknowledged', () => {
  const window = createSequenceWindow();
  expect(window.add(8, 7)).toEqual(NEW);
  expect(window.add(7, 0)).toEqual(KNOWN);
  expect(window.add(9, 8)).toEqual(NEW);
});

test('gives up a number that is missing for too long rather than count it twice', () => {
  const window = createSequenceWindow(3);
  for (const sequence of [2, 4, 5]) expect(window.add(sequence, 0)).toEqual(NEW);
  expect(window.add(7, 0)).toEqual({ isNew: true, skipped: 1 });
  expect(window.add(1, 0)).toEqual(KNOWN);
  expect(window.add(3, 0)).toEqual(NEW);
});

test('stays within its bound, however many numbers arrive', () => {
  const window = createSequenceWindow(4);
  let skipped = 0;
  for (let sequence = 2; sequence < 10_000; sequence += 2) {
    const added = window.add(sequence, 0);
    if (added.isNew) skipped += added.skipped;
  }
  expect(skipped).toBe(4_995);
});
