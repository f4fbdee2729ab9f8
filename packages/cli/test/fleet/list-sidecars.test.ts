import { expect, it } from 'vitest';
import { askEach } from '../../src/fleet/list-sidecars.ts';

it('asks at most 16 at once, and keeps the order', async () => {
  const urls = Array.from({ length: 50 }, (_, index) => `http://host-${index}`);
  let running = 0;
  let most = 0;
  const results = await askEach(
    urls,
    async (url) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((next) => setImmediate(next));
      running -= 1;
      return url;
    },
    () => 'not asked',
  );
  expect(results).toEqual(urls);
  expect(most).toBe(16);
});

it('asks none where there is none', async () => {
  expect(
    await askEach(
      [],
      async () => 1,
      () => 0,
    ),
  ).toEqual([]);
});
