import type { Clock, Phase } from '@crossfade/core';
import { countsBetween, legacyShare, type RequestCounts } from '../ledger/ledger.ts';

/** What the view shows at one moment. */
export interface Frame {
  readonly phase: Phase | undefined;
  /** The current step. */
  readonly step: string;
  readonly elapsedMs: number;
  readonly counts: RequestCounts;
  /** The legacy share of recently accepted tokens, 0..1; `undefined` without any. */
  readonly recentLegacyShare: number | undefined;
  /** How long until the gate can pass; `undefined` while unknown. */
  readonly drainsInMs: number | undefined;
}

/** Creates a function that takes the current counts and returns the legacy share over the last `windowMs`. */
export function createRecentShare(windowMs: number, now: Clock): (counts: RequestCounts) => number | undefined {
  const remembered: { readonly atMs: number; readonly counts: RequestCounts }[] = [];
  return (counts) => {
    const atMs = now();
    remembered.push({ atMs, counts });
    while (remembered.length > 2 && (remembered[1]?.atMs ?? atMs) <= atMs - windowMs) remembered.shift();
    const lately = countsBetween(remembered[0]?.counts ?? counts, counts);
    return lately.legacy + lately.target === 0 ? undefined : legacyShare(lately);
  };
}
