import type { Side } from '@crossfade/core';

/** How one request of a client that holds a valid token ended. */
export type RequestOutcome =
  /** The API accepted the token, and says of which side it is. */
  | { readonly outcome: 'accepted'; readonly side: Side }
  /** 401, 403 or 5xx: the answers a valid token must never get. */
  | { readonly outcome: 'rejected'; readonly status: number }
  /** No answer of use came, whatever was retried. */
  | { readonly outcome: 'unavailable'; readonly because: string };

export interface Tally {
  readonly requests: number;
  readonly rejected: number;
  readonly unavailable: number;
  readonly legacy: number;
  readonly target: number;
}

/** Counts what the whole population lived through. */
export interface Ledger {
  record(outcome: RequestOutcome): void;
  /** The counts so far. */
  tally(): Tally;
  /** What went wrong, in words, with how often; for whoever has to find out why. */
  complaints(): readonly { readonly complaint: string; readonly count: number }[];
}

export function createLedger(): Ledger {
  const counts = { requests: 0, rejected: 0, unavailable: 0, legacy: 0, target: 0 };
  const complaints = new Map<string, number>();
  const complain = (complaint: string): void => {
    complaints.set(complaint, (complaints.get(complaint) ?? 0) + 1);
  };
  return {
    record(request) {
      counts.requests += 1;
      if (request.outcome === 'accepted') {
        counts[request.side] += 1;
        return;
      }
      counts[request.outcome] += 1;
      complain(request.outcome === 'rejected' ? `a valid token was answered ${request.status}` : request.because);
    },
    tally: () => ({ ...counts }),
    complaints: () => [...complaints].map(([complaint, count]) => ({ complaint, count })),
  };
}

/** What was counted between two tallies. */
export function tallyBetween(before: Tally, after: Tally): Tally {
  return {
    requests: after.requests - before.requests,
    rejected: after.rejected - before.rejected,
    unavailable: after.unavailable - before.unavailable,
    legacy: after.legacy - before.legacy,
    target: after.target - before.target,
  };
}

/** The share of accepted tokens that were legacy, 0..1; 0 when none was accepted. */
export function legacyShare({ legacy, target }: Pick<Tally, 'legacy' | 'target'>): number {
  return legacy + target === 0 ? 0 : legacy / (legacy + target);
}
