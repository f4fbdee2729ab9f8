import { withDeadline } from './timeout.ts';

/** Runs one piece of work at a time. Rejects with a `TimeoutError` when it is late, or an earlier one still is. */
export type BoundedWork = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Bounds work that can't be aborted, as file operations on a hung mount can't. Each of those holds a thread of Node's
 * small pool until the mount answers, so while one hangs no other is begun.
 */
export function createBoundedWork(timeoutMs: number): BoundedWork {
  let isBusy = false;

  async function run<T>(work: () => Promise<T>): Promise<T> {
    isBusy = true;
    try {
      return await work();
    } finally {
      isBusy = false;
    }
  }

  return async (work) => {
    if (isBusy) throw new DOMException('the work before has not ended', 'TimeoutError');
    return await withDeadline(timeoutMs, new AbortController().signal, () => run(work));
  };
}
