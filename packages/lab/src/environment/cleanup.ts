/** Stops what was started, in reverse order. */
export interface Cleanup {
  add(end: () => unknown): void;
  /** Stops everything, even if one part fails to stop. Idempotent. */
  run(): Promise<void>;
}

export function createCleanup(): Cleanup {
  const ends: (() => unknown)[] = [];
  return {
    add: (end) => void ends.push(end),
    async run() {
      for (;;) {
        const end = ends.pop();
        if (end === undefined) return;
        try {
          await end();
        } catch {
          // A part that fails to stop must not prevent the others from stopping.
        }
      }
    },
  };
}
