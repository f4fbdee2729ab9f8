/** How late a timer may fire before the process counts as one that was paused. */
const PAUSED_MS = 250;
/** How long a process that was paused reads what has arrived meanwhile, before it judges the time. */
const CATCH_UP_MS = 1000;

/**
 * Runs work with a timeout. Rejects when `timeoutMs` have passed (`TimeoutError`) or `signal` is aborted, even if the
 * work ignores its signal, as credential providers do.
 */
export async function withTimeout<T>(
  timeoutMs: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const controller = new AbortController();
  const forwardAbort = () => controller.abort(signal.reason);
  signal.addEventListener('abort', forwardAbort, { once: true });
  const stop = startTimeout(timeoutMs, () => controller.abort(new DOMException('timed out', 'TimeoutError')));
  const aborted = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason), { once: true });
  });
  try {
    return await Promise.race([work(controller.signal), aborted]);
  } finally {
    stop();
    signal.removeEventListener('abort', forwardAbort);
  }
}

/**
 * Calls `onTimeout` after `timeoutMs`, unless it was stopped before. A process that was paused (SIGSTOP, a frozen
 * Lambda) finds its timers overdue when it wakes, and the response in its socket unread: once, it gets up to a second more
 * to read it. Keeps no process alive.
 */
function startTimeout(timeoutMs: number, onTimeout: () => void): () => void {
  const dueMs = performance.now() + timeoutMs;
  let timer = setTimeout(() => {
    if (performance.now() - dueMs < PAUSED_MS) return onTimeout();
    timer = setTimeout(onTimeout, Math.min(timeoutMs, CATCH_UP_MS)).unref();
  }, timeoutMs).unref();
  return () => clearTimeout(timer);
}

/** Runs one piece of work at a time. Rejects with a `TimeoutError` if it is late or an earlier one is still running. */
export type ExclusiveRunner = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Creates a runner with a timeout for work that cannot be aborted, such as file operations on a hung mount. Each of
 * those occupies a thread of Node's small pool until the mount responds, so while one hangs no other is started.
 */
export function createExclusiveRunner(timeoutMs: number): ExclusiveRunner {
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
    if (isBusy) throw new DOMException('the previous work is still running', 'TimeoutError');
    return await withTimeout(timeoutMs, new AbortController().signal, () => run(work));
  };
}
