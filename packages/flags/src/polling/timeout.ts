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
  const timer = setTimeout(() => controller.abort(new DOMException('timed out', 'TimeoutError')), timeoutMs);
  timer.unref();
  const aborted = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason), { once: true });
  });
  try {
    return await Promise.race([work(controller.signal), aborted]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', forwardAbort);
  }
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
