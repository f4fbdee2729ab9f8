import { expect, test } from 'vitest';
import { createSingleFlight } from '../../src/tokens/single-flight.ts';

test('calls with the same key share a run, calls with different keys do not', async () => {
  const once = createSingleFlight<number>();
  let runs = 0;
  const work = async () => {
    runs += 1;
    return runs;
  };
  expect(await Promise.all([once('a', work), once('a', work), once('b', work)])).toEqual([1, 1, 2]);
});

test('no result is cached after a run has ended, whether it succeeded or failed', async () => {
  const once = createSingleFlight<string>();
  const failed = [once('a', () => Promise.reject(new Error('no'))), once('a', async () => 'joined')];
  expect((await Promise.allSettled(failed)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await once('a', async () => 'new')).toBe('new');
});
