import { type Clock, UnavailableError } from '@crossfade/core';

/** Remembers which sessions could not be refreshed, and until when it is not tried again. */
export interface FailedRefreshes {
  /** Throws what the last refresh of this session threw, while it is too early for another one. */
  check(key: string): void;
  failed(key: string, error: unknown): void;
  delete(key: string): void;
}

interface Failure {
  readonly error: unknown;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly waitMs: number;
}

const FIRST_WAIT_MS = 5000;
const LONGEST_WAIT_MS = 60_000;
const MAX_FAILURES = 10_000;

export function createFailedRefreshes(now: Clock): FailedRefreshes {
  const failures = new Map<string, Failure>();

  return {
    check(key) {
      const failure = failures.get(key);
      if (failure === undefined || now() >= failure.untilMs || now() < failure.fromMs) return;
      const { error, untilMs } = failure;
      if (!(error instanceof UnavailableError)) throw error;
      throw new UnavailableError(error.message, {
        retryAfterSeconds: Math.ceil((untilMs - now()) / 1000),
        ...('cause' in error && { cause: error.cause }),
      });
    },
    failed(key, error) {
      const last = failures.get(key);
      const doubledMs = last === undefined ? FIRST_WAIT_MS : Math.min(last.waitMs * 2, LONGEST_WAIT_MS);
      const askedMs = error instanceof UnavailableError ? error.retryAfterSeconds * 1000 : 0;
      // Sessions that failed at one moment are not tried again at one moment.
      const waitMs = Math.max(askedMs, doubledMs * (0.75 + Math.random() / 4));
      failures.delete(key);
      failures.set(key, { error, waitMs: doubledMs, fromMs: now(), untilMs: now() + waitMs });
      const [oldest] = failures.keys();
      if (failures.size > MAX_FAILURES && oldest !== undefined) failures.delete(oldest);
    },
    delete: (key) => void failures.delete(key),
  };
}
