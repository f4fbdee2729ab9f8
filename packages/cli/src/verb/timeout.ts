import { setMaxListeners } from 'node:events';

/** How late a timer may fire before the process counts as one that was paused. */
const PAUSED_MS = 250;
/** How long a process that was paused reads what has arrived meanwhile, before it judges the time. */
const CATCH_UP_MS = 1000;

/** The work was not done within its timeout. */
export class TimeoutError extends Error {
  constructor(timeoutMs: number) {
    super(`not done in ${timeoutMs} ms`);
    this.name = new.target.name;
  }
}

/**
 * Runs work with a timeout. Rejects when `timeoutMs` have passed ({@link TimeoutError}) or `signal` is aborted, even if the
 * work ignores its own signal. The timer holds that signal: Node.js 20 may collect a timeout inside `AbortSignal.any`.
 */
export async function withTimeout<T>(
  timeoutMs: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  // One signal ends a whole command, which may read hundreds of sidecars at once: no leak to warn of.
  setMaxListeners(0, signal);
  const controller = new AbortController();
  const forwardAbort = () => controller.abort(signal.reason);
  signal.addEventListener('abort', forwardAbort, { once: true });
  const stop = startTimeout(timeoutMs, () => controller.abort(new TimeoutError(timeoutMs)));
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
 * Calls `onTimeout` after `timeoutMs`, unless it was stopped before. A process that was paused (Ctrl-Z) finds its timers
 * overdue when it wakes, and the response in its socket unread: once, it gets up to a second more to read it.
 */
function startTimeout(timeoutMs: number, onTimeout: () => void): () => void {
  const dueMs = performance.now() + timeoutMs;
  let timer = setTimeout(() => {
    if (performance.now() - dueMs < PAUSED_MS) return onTimeout();
    timer = setTimeout(onTimeout, Math.min(timeoutMs, CATCH_UP_MS));
  }, timeoutMs);
  return () => clearTimeout(timer);
}
