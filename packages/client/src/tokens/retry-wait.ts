import { UnavailableError } from '@crossfade/core';

const FIRST_WAIT_MS = 5000;
const LAST_WAIT_MS = 60_000;
/** Up to this share is added, so that a fleet that failed together does not return together. */
const JITTER = 0.25;

/**
 * How long to wait after a failed request, in ms: at least as long as the provider asked for, else 5 s, doubled by each
 * failure up to a minute.
 * @param failures how many requests failed in a row, this one included.
 * @param jitter 0 to 1.
 */
export function retryWaitMs(error: unknown, failures: number, jitter: number): number {
  const askedMs = error instanceof UnavailableError ? error.retryAfterSeconds * 1000 : 0;
  const ownMs = Math.min(LAST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
  return Math.max(askedMs, ownMs) * (1 + JITTER * jitter);
}
