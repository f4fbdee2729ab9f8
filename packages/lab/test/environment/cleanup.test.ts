import { describe, expect, it } from 'vitest';
import { createCleanup } from '../../src/environment/cleanup.ts';

describe('the cleanup', () => {
  it('stops the last part first, waits for it, and stops no part twice', async () => {
    const ended: string[] = [];
    const cleanup = createCleanup();
    cleanup.add(() => ended.push('first'));
    cleanup.add(async () => {
      await Promise.resolve();
      ended.push('second');
    });
    await cleanup.run();
    await cleanup.run();
    expect(ended).toEqual(['second', 'first']);
  });

  it('continues when one part fails to stop', async () => {
    const ended: string[] = [];
    const cleanup = createCleanup();
    cleanup.add(() => ended.push('first'));
    cleanup.add(() => Promise.reject(new Error('stuck')));
    await cleanup.run();
    expect(ended).toEqual(['first']);
  });
});
