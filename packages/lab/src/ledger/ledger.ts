import type { Side } from '@crossfade/core';

/** How one request of a client that holds a valid token ended. */
export type RequestOutcome =
  /** The API accepted the token and reported its side. */
  | { readonly outcome: 'accepted'; readonly side: Side }
  /** 401, 403 or 5xx: the responses a valid token must never get. */
  | { readonly outcome: 'rejected'; readonly status: number }
  /** No usable response, retries included. */
  | { readonly outcome: 'unavailable'; readonly because: string };

export interface RequestCounts {
  readonly requests: number;
  readonly rejected: number;
  readonly unavailable: number;
  readonly legacy: number;
  readonly target: number;
}

/** The counts at one moment. */
export interface Moment {
  readonly atMs: number;
  readonly counts: RequestCounts;
}

/** Counts the outcomes of all requests of the population. */
export interface Ledger {
  record(outcome: RequestOutcome): void;
  /** The counts so far. */
  counts(): RequestCounts;
  /** The failures in words, with how often each occurred. */
  failures(): readonly { readonly failure: string; readonly count: number }[];
}

export function createLedger(): Ledger {
  const counts = { requests: 0, rejected: 0, unavailable: 0, legacy: 0, target: 0 };
  const failures = new Map<string, number>();
  return {
    record(request) {
      counts.requests += 1;
      if (request.outcome === 'accepted') {
        counts[request.side] += 1;
        return;
      }
      counts[request.outcome] += 1;
      const failure = request.outcome === 'rejected' ? `a valid token got ${request.status}` : request.because;
      failures.set(failure, (failures.get(failure) ?? 0) + 1);
    },
    counts: () => ({ ...counts }),
    failures: () => [...failures].map(([failure, count]) => ({ failure, count })),
  };
}

/** Returns what was counted between two moments. */
export function countsBetween(before: RequestCounts, after: RequestCounts): RequestCounts {
  return {
    requests: after.requests - before.requests,
    rejected: after.rejected - before.rejected,
    unavailable: after.unavailable - before.unavailable,
    legacy: after.legacy - before.legacy,
    target: after.target - before.target,
  };
}

/** Returns the legacy share of the accepted tokens, 0..1; 0 when none was accepted. */
export function legacyShare({ legacy, target }: Pick<RequestCounts, 'legacy' | 'target'>): number {
  return legacy + target === 0 ? 0 : legacy / (legacy + target);
}
