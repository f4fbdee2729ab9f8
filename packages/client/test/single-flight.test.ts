import { expect, test } from 'vitest';
import { createSingleFlight } from '../src/single-flight.ts';

test('calls with one key share a run, calls with another do not', async () => {
  const once = createSingleFlight<number>();
  let runs = 0;
  const work = async () => {
    runs += 1;
    return runs;
  };
  expect(await Promise.all([once('a', work), once('a', work), once('b', work)])).toEqual([1, 1, 2]);
});

test('nothing is kept once a run has ended, well or badly', async () => {
  const once = createSingleFlight<string>();
  const failed = [once('a', () => Promise.reject(new Error('no'))), once('a', async () => 'joined')];
  expect((await Promise.allSettled(failed)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await once('a', async () => 'new')).toBe('new');
});
