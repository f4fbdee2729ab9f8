import { describe, expect, it } from 'vitest';
import { waitFor } from '../../src/ledger/wait-for.ts';

describe('waiting for a condition', () => {
  it('ends as soon as it holds', async () => {
    let looks = 0;
    await waitFor('three looks', 5000, () => {
      looks += 1;
      return looks === 3;
    });
    expect(looks).toBe(3);
  });

  it('says what it waited for when it gives up', async () => {
    await expect(waitFor('the cows', 1, () => false)).rejects.toThrow('in vain for the cows');
  });

  it('ends at once when it is told to', async () => {
    const stop = new AbortController();
    const waiting = waitFor('the cows', 60_000, () => false, stop.signal);
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });
});
