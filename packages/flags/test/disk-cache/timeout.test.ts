import { expect, it, vi } from 'vitest';
import { withDeadline } from '../../src/disk-cache/timeout.ts';

const OPEN = new AbortController().signal;
const never = () => new Promise<never>(() => {});

it('passes on the result, or the failure, of work that ends in time', async () => {
  await expect(withDeadline(1000, OPEN, async () => 7)).resolves.toBe(7);
  await expect(withDeadline(1000, OPEN, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
});

it('leaves no timer behind', async () => {
  vi.useFakeTimers();
  await withDeadline(1000, OPEN, async () => 7);
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

it('ends work that ignores its signal when the time is up', async () => {
  await expect(withDeadline(10, OPEN, never)).rejects.toMatchObject({ name: 'TimeoutError' });
});

it('aborts the signal of the work when the time is up', async () => {
  let given: AbortSignal | undefined;
  const ended = withDeadline(10, OPEN, (signal) => {
    given = signal;
    return never();
  });
  await expect(ended).rejects.toThrow();
  expect(given?.aborted).toBe(true);
});

it('ends when it is aborted from outside, before or while it works', async () => {
  const controller = new AbortController();
  const ended = withDeadline(60_000, controller.signal, never);
  controller.abort(new Error('closing'));
  await expect(ended).rejects.toThrow('closing');
  await expect(withDeadline(60_000, controller.signal, async () => 7)).rejects.toThrow('closing');
});
