import { readFileSync } from 'node:fs';

const SCHEDSTAT = '/proc/thread-self/schedstat';

/**
 * Returns the CPU milliseconds of this thread so far. On Linux it is the kernel's count, which other programs on the machine
 * do not change; elsewhere it is the time in which the event loop was not idle.
 */
export function mainThreadMs(): number {
  try {
    return Number(readFileSync(SCHEDSTAT, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return performance.eventLoopUtilization().active;
  }
}
