/** The first wait between two attempts, and the longest. */
const FIRST_MS = 10;
const LONGEST_MS = 100;

/**
 * Tries to take a lock until it is free, at jittered intervals. Keeps no process alive.
 * @returns whether it was taken within `waitMs`.
 */
export async function waitForLock(take: () => boolean | Promise<boolean>, waitMs: number): Promise<boolean> {
  const endMs = performance.now() + waitMs;
  for (let pauseMs = FIRST_MS; ; pauseMs = Math.min(pauseMs * 1.5, LONGEST_MS)) {
    if (await take()) return true;
    const leftMs = endMs - performance.now();
    if (leftMs <= 0) return false;
    await pause(Math.min(leftMs, pauseMs * (0.5 + Math.random())));
  }
}

/** Resolves after a time. Keeps no process alive. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
