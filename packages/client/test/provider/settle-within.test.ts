import { expect, test } from 'vitest';
import { settleWithin } from '../../src/provider/settle-within.ts';

const late = () => new Error('late');

test('work that settles in time settles as it does', async () => {
  expect(await settleWithin(1000, Promise.resolve('done'), late)).toBe('done');
  await expect(settleWithin(1000, Promise.reject(new Error('failed')), late)).rejects.toThrow('failed');
});

test('work that does not settle is late after the timeout', async () => {
  const startMs = performance.now();
  await expect(settleWithin(80, new Promise(() => {}), late)).rejects.toThrow('late');
  expect(performance.now() - startMs).toBeGreaterThan(70);
});

test('no time at all is enough for what has settled already', async () => {
  expect(await settleWithin(0, Promise.resolve('done'), late)).toBe('done');
  await expect(settleWithin(0, new Promise(() => {}), late)).rejects.toThrow('late');
});

test('a process that was busy for longer than the timeout reads what has arrived', async () => {
  const arrived = new Promise((resolve) => {
    setTimeout(() => setTimeout(resolve, 1, 'done'), 1);
  });
  const settled = settleWithin(40, arrived, late);
  const endMs = performance.now() + 200;
  while (performance.now() < endMs);
  expect(await settled).toBe('done');
});
