import type { Scenario } from 'k6/options';
import { RATE, SECONDS } from './settings.ts';

/** Virtual users for a rate: enough for responses of half a second, and at most of one and a half. */
export const users = (rate: number) => {
  const preAllocatedVUs = Math.min(300, Math.max(20, Math.ceil(rate / 2)));
  return { preAllocatedVUs, maxVUs: preAllocatedVUs * 3 };
};

/** Requests that arrive at a constant rate for the whole test, however long the responses take. */
export function steadyArrivals(exec: string, rate = RATE): Scenario {
  return {
    executor: 'constant-arrival-rate',
    exec,
    rate,
    timeUnit: '1s',
    duration: `${SECONDS}s`,
    gracefulStop: '10s',
    ...users(rate),
  };
}

/** One virtual user that runs once: the operator. */
export function once(exec: string, startTime: string, maxDuration = '2m'): Scenario {
  return { executor: 'per-vu-iterations', exec, vus: 1, iterations: 1, startTime, maxDuration };
}
