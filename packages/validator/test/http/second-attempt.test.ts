import { expect, test, vi } from 'vitest';
import { withSecondAttempt } from '../../src/http/second-attempt.ts';

const OPEN = new AbortController().signal;

/** Work whose attempts the test settles one by one. */
function attempts() {
  const started: { signal: AbortSignal; succeed: (value: string) => void; fail: (error: Error) => void }[] = [];
  const work = (signal: AbortSignal) =>
    new Promise<string>((succeed, fail) => {
      signal.addEventListener('abort', () => fail(new Error('aborted')));
      started.push({ signal, succeed, fail });
    });
  return { started, work, second: () => vi.waitUntil(() => started[1]) };
}

test('makes no second attempt where the first is quick, whether it succeeds or fails', async () => {
  const { started, work } = attempts();
  const [good, bad] = [withSecondAttempt(60_000, OPEN, work), withSecondAttempt(60_000, OPEN, work)];
  started[0]?.succeed('first');
  started[1]?.fail(new Error('refused'));

  expect(await good).toBe('first');
  await expect(bad).rejects.toThrow('refused');
  expect(started).toHaveLength(2);
});

test('takes the second attempt where the first hangs, and aborts that', async () => {
  const { started, work, second } = attempts();
  const result = withSecondAttempt(5, OPEN, work);
  (await second())?.succeed('second');

  expect(await result).toBe('second');
  expect(started[0]?.signal.aborted).toBe(true);
});

test('takes the first attempt where it is only slow', async () => {
  const { started, work, second } = attempts();
  const result = withSecondAttempt(5, OPEN, work);
  (await second())?.fail(new Error('refused'));
  started[0]?.succeed('first');

  expect(await result).toBe('first');
});

test('rejects when both have failed, as the later one did', async () => {
  const { started, work, second } = attempts();
  const result = withSecondAttempt(5, OPEN, work);
  await second();
  started[0]?.fail(new Error('one'));
  started[1]?.fail(new Error('two'));

  await expect(result).rejects.toThrow('two');
});

test('passes an abort on, and makes no attempt after it', async () => {
  const { started, work } = attempts();
  const controller = new AbortController();
  const result = withSecondAttempt(20, controller.signal, work);
  controller.abort(new Error('late'));

  await expect(result).rejects.toThrow('aborted');
  await new Promise((resolve) => setTimeout(resolve, 40));
  expect(started).toHaveLength(1);
});
