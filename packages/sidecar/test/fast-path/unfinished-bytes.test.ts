import { expect, test } from 'vitest';
import { createUnfinishedBytes } from '../../src/fast-path/unfinished-bytes.ts';

function setUp() {
  const bytes = createUnfinishedBytes(100);
  const evicted: string[] = [];
  const holder = (name: string) => ({ evict: () => void evicted.push(name) });
  return { bytes, evicted, holder };
}

test('above the limit, those that have held bytes the longest lose them first', () => {
  const { bytes, evicted, holder } = setUp();
  const [first, second, third] = [holder('1'), holder('2'), holder('3')];
  bytes.set(first, 40);
  bytes.set(second, 40);
  // More bytes do not make a holder younger.
  bytes.set(first, 60);
  expect(evicted).toEqual([]);
  bytes.set(third, 90);
  expect(evicted).toEqual(['1', '2']);
});

test('what is let go of no longer counts, nor its age', () => {
  const { bytes, evicted, holder } = setUp();
  const [first, second] = [holder('1'), holder('2')];
  bytes.set(first, 60);
  bytes.set(second, 30);
  bytes.set(first, 0);
  bytes.set(first, 70);
  expect(evicted).toEqual([]);
  bytes.set(first, 71);
  expect(evicted).toEqual(['2']);
});

test('one that holds more than all may loses it', () => {
  const { bytes, evicted, holder } = setUp();
  bytes.set(holder('1'), 101);
  expect(evicted).toEqual(['1']);
  bytes.set(holder('2'), 100);
  expect(evicted).toEqual(['1']);
});
