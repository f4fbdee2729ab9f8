import type { Clock } from '@crossfade/core';

/** Limits how often something may be done, whatever callers send. */
export interface TokenBucket {
  /** Takes one token. Returns `false` when the bucket is empty. */
  take(): boolean;
}

/** Creates a bucket that starts with `burst` tokens and gains one every `refillMs`, up to `burst`. */
export function createTokenBucket(options: {
  readonly burst: number;
  readonly refillMs: number;
  readonly now: Clock;
}): TokenBucket {
  const { burst, refillMs, now } = options;
  let tokens = burst;
  let refilledAtMs = now();

  return {
    take() {
      const nowMs = now();
      tokens = Math.min(burst, tokens + Math.max(0, nowMs - refilledAtMs) / refillMs);
      refilledAtMs = nowMs;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
