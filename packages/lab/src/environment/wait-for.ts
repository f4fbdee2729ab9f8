import { setTimeout as delay } from 'node:timers/promises';

const INTERVAL_MS = 50;

/**
 * Polls until a condition holds.
 * @param what completes "timed out after 30s waiting for ..." of the error.
 * @throws when it does not hold within `timeoutMs`, or whatever the condition throws.
 */
export async function waitFor(
  what: string,
  timeoutMs: number,
  holds: () => boolean | Promise<boolean>,
  signal?: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > deadline)
      throw new Error(`timed out after ${Math.round(timeoutMs / 1000)}s waiting for ${what}`);
    await delay(INTERVAL_MS, undefined, signal === undefined ? {} : { signal });
  }
}
