/** How late a timer may fire before the process counts as one that was paused: stopped, frozen, or busy all along. */
const PAUSED_MS = 250;
/** How long a process that was paused reads what has arrived meanwhile, before it judges the time. */
const CATCH_UP_MS = 1000;

/**
 * Settles as `work` does, and rejects with what `late` returns after the timeout. A process that was paused (SIGSTOP, a
 * frozen container) finds its timer overdue when it wakes, and the response in its socket unread: once, it gets up to a
 * second more to read it. Keeps no process alive.
 */
export async function settleWithin<T>(timeoutMs: number, work: PromiseLike<T>, late: () => Error): Promise<T> {
  const dueMs = performance.now() + timeoutMs;
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      if (performance.now() - dueMs < PAUSED_MS) return reject(late());
      timer = setTimeout(() => reject(late()), Math.min(timeoutMs, CATCH_UP_MS)).unref();
    }, timeoutMs).unref();
  });
  try {
    return await Promise.race([work, expired]);
  } finally {
    clearTimeout(timer);
  }
}
