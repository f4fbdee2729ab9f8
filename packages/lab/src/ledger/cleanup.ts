/** What has to be ended at the end, in the opposite order of its beginning. */
export interface Cleanup {
  add(end: () => unknown): void;
  /** Ends everything, also when something fails to end. Idempotent. */
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
          // What can't be ended must not keep the rest from being ended.
        }
      }
    },
  };
}
