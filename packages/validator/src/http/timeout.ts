/** Runs work that must not take longer than it may. */
export interface Timeout {
  /** Rejects with what the work makes of its signal, which is aborted when the time is over or the box is closed. */
  run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** How much work is under way. */
  size(): number;
  close(): void;
}

/** A signal and a timer for each piece of work: what `AbortSignal.any` ties to a signal that stays, stays with it. */
export function createTimeout(timeoutMs: number): Timeout {
  const underWay = new Set<AbortController>();

  return {
    async run(work) {
      const ending = new AbortController();
      const timer = setTimeout(() => ending.abort(new TimeoutError(timeoutMs)), timeoutMs).unref();
      underWay.add(ending);
      try {
        return await work(ending.signal);
      } finally {
        clearTimeout(timer);
        underWay.delete(ending);
      }
    },
    size: () => underWay.size,
    close: () => {
      for (const ending of underWay) ending.abort();
    },
  };
}

/** The work took too long. */
export class TimeoutError extends Error {
  constructor(timeoutMs: number) {
    super(`not done in ${timeoutMs} ms`);
    this.name = new.target.name;
  }
}
