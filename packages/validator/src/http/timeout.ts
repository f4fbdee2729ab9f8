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
      const timer = setTimeout(() => controller.abort(new TimeoutError(timeoutMs)), timeoutMs).unref();
      running.add(controller);
      try {
        return await Promise.race([work(controller.signal), untilAborted(controller.signal)]);
      } finally {
        clearTimeout(timer);
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
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeoutError(timeoutMs)), timeoutMs).unref();
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The work exceeded its timeout. */
export class TimeoutError extends Error {
  constructor(timeoutMs: number) {
    super(`not done in ${timeoutMs} ms`);
    this.name = new.target.name;
  }
}
