import { describe, expect, it } from 'vitest';
import { createCleanup } from '../../src/ledger/cleanup.ts';

describe('the cleanup', () => {
  it('ends what began last first, waits for it, and ends nothing twice', async () => {
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

  it('goes on when something fails to end', async () => {
    const ended: string[] = [];
    const cleanup = createCleanup();
    cleanup.add(() => ended.push('first'));
    cleanup.add(() => Promise.reject(new Error('stuck')));
    await cleanup.run();
    expect(ended).toEqual(['first']);
  });
});
