/** How late a timer may fire before the process counts as one that was paused: stopped, frozen, or busy all along. */
const PAUSED_MS = 250;
/** How long a process that was paused reads what has arrived meanwhile, before it judges the time. */
const CATCH_UP_MS = 1000;

/**
 * Calls `onTimeout` after `timeoutMs`, unless it was stopped before. A process that was paused (SIGSTOP, a frozen
 * container) finds its timers overdue when it wakes, and the response in its socket unread: once, it gets up to a second
 * more to read it. Keeps no process alive.
 * @returns stops the timer.
 */
function startTimeout(timeoutMs: number, onTimeout: () => void): () => void {
  const dueMs = performance.now() + timeoutMs;
  let timer = setTimeout(() => {
    if (performance.now() - dueMs < PAUSED_MS) return onTimeout();
    timer = setTimeout(onTimeout, Math.min(timeoutMs, CATCH_UP_MS)).unref();
  }, timeoutMs).unref();
  return () => clearTimeout(timer);
}

/** Runs work with a timeout. */
export interface Timeout {
  /**
   * Settles as the work does, and rejects after the timeout or by `close` even if the work does not. The work's signal
   * is aborted then.
   */
  run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** How much work is in progress. */
  size(): number;
  close(): void;
}

/**
 * Creates a signal and a timer for each run: `AbortSignal.any` would leave a listener on a long-lived signal, and Node.js
 * 20 may collect it together with the timeout inside. The abort also settles the run itself, because `fetch` holds the
 * signal weakly, so garbage collection can keep it from hearing of the abort.
 */
export function createTimeout(timeoutMs: number): Timeout {
  const running = new Set<AbortController>();

  return {
    async run(work) {
      const controller = new AbortController();
      const stop = startTimeout(timeoutMs, () => controller.abort(new TimeoutError(timeoutMs)));
      running.add(controller);
      try {
        return await Promise.race([work(controller.signal), untilAborted(controller.signal)]);
      } finally {
        stop();
        running.delete(controller);
      }
    },
    size: () => running.size,
    close: () => {
      for (const controller of running) controller.abort();
    },
  };
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/**
 * Settles as `work` does, and rejects with a {@link TimeoutError} after the timeout: for work that cannot be aborted. A
 * fraction of the cost of {@link createTimeout}, for what every request does. Keeps no process alive.
 */
export async function settleWithin<T>(timeoutMs: number, work: PromiseLike<T>): Promise<T> {
  let stop = () => {};
  const late = new Promise<never>((_, reject) => {
    stop = startTimeout(timeoutMs, () => reject(new TimeoutError(timeoutMs)));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    stop();
  }
}

/** The work exceeded its timeout. */
export class TimeoutError extends Error {
  constructor(timeoutMs: number) {
    super(`not done in ${timeoutMs} ms`);
    this.name = new.target.name;
  }
}
