import type { Clock } from '@crossfade/core';

/** How many fetches are allowed, whatever callers send. */
export interface TokenBucket {
  /** Takes one fetch out of the budget, if one is left. */
  take(): boolean;
}

/** A budget that starts with `burst` fetches and gets one back every `refillMs`, up to `burst`. */
export function createTokenBucket(options: {
  readonly burst: number;
  readonly refillMs: number;
  readonly now: Clock;
}): TokenBucket {
  const { burst, refillMs, now } = options;
  let left = burst;
  let countedAtMs = now();

  return {
    take() {
      const nowMs = now();
      left = Math.min(burst, left + Math.max(0, nowMs - countedAtMs) / refillMs);
      countedAtMs = nowMs;
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
}
