import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { createTimeout, TimeoutError } from '../../src/http/timeout.ts';

async function untilAborted(signal: AbortSignal): Promise<never> {
  await once(signal, 'abort');
  throw signal.reason;
}

describe('createTimeout', () => {
  test('lets work end by itself', async () => {
    const box = createTimeout(60_000);

    expect(await box.run(async () => 'done')).toBe('done');
    await expect(box.run(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(box.size()).toBe(0);
  });

  test('ends work that takes too long', async () => {
    await expect(createTimeout(5).run(untilAborted)).rejects.toThrow(TimeoutError);
  });

  test('ends all work when it is closed', async () => {
    const box = createTimeout(60_000);
    const work = [box.run(untilAborted), box.run(untilAborted)];
    expect(box.size()).toBe(2);

    box.close();

    for (const ended of await Promise.allSettled(work)) expect(ended).toMatchObject({ status: 'rejected' });
    expect(box.size()).toBe(0);
  });
});
