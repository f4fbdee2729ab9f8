import { describe, expect, it } from 'vitest';
import { waitFor } from '../../src/environment/wait-for.ts';

describe('waiting for a condition', () => {
  it('resolves as soon as the condition holds', async () => {
    let looks = 0;
    await waitFor('three looks', 5000, () => {
      looks += 1;
      return looks === 3;
    });
    expect(looks).toBe(3);
  });

  it('names the condition when it times out', async () => {
    await expect(waitFor('the cows', 1, () => false)).rejects.toThrow('waiting for the cows');
  });

  it('rejects at once when its signal aborts', async () => {
    const stop = new AbortController();
    const waiting = waitFor('the cows', 60_000, () => false, stop.signal);
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });
});
