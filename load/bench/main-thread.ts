import { readFileSync } from 'node:fs';

const SCHEDSTAT = '/proc/thread-self/schedstat';

/**
 * Milliseconds of CPU this thread has had so far. On Linux the kernel's own count, so that what else runs on the
 * machine does not show; elsewhere the time the event loop was not idle.
 */
export function mainThreadMs(): number {
  try {
    return Number(readFileSync(SCHEDSTAT, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return performance.eventLoopUtilization().active;
  }
}
