import { setTimeout as delay } from 'node:timers/promises';

const INTERVAL_MS = 50;

/**
 * Looks again and again until a condition holds.
 * @param what completes the sentence "waited for ..." of the error.
 * @throws when it did not come true within `patienceMs`, or whatever the look throws.
 */
export async function waitFor(
  what: string,
  patienceMs: number,
  holds: () => boolean | Promise<boolean>,
  signal?: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited ${Math.round(patienceMs / 1000)}s in vain for ${what}`);
    await delay(INTERVAL_MS, undefined, signal === undefined ? {} : { signal });
  }
}
