/** Runs work with a timeout. */
export interface Timeout {
  /** Settles as the work does. Its signal is aborted after the timeout or by `close`. */
  run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** How much work is in progress. */
  size(): number;
  close(): void;
}

/** Creates a signal and a timer for each run: `AbortSignal.any` would leave a listener on a long-lived signal. */
export function createTimeout(timeoutMs: number): Timeout {
  const running = new Set<AbortController>();

  return {
    async run(work) {
      const controller = new AbortController();
      const timer = setTimeout(() => controller.abort(new TimeoutError(timeoutMs)), timeoutMs).unref();
      running.add(controller);
      try {
        return await work(controller.signal);
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

/** The work exceeded its timeout. */
export class TimeoutError extends Error {
  constructor(timeoutMs: number) {
    super(`not done in ${timeoutMs} ms`);
    this.name = new.target.name;
  }
}
