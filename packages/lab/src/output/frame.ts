import type { Clock, Phase } from '@crossfade/core';
import { legacyShare, type Tally, tallyBetween } from '../ledger/ledger.ts';

/** What a view shows at one moment. */
export interface Scene {
  readonly phase: Phase | undefined;
  /** The step under way. */
  readonly step: string;
  readonly elapsedMs: number;
  readonly tally: Tally;
  /** Of the tokens accepted lately, 0..1; `undefined` while there were none. */
  readonly recentLegacyShare: number | undefined;
  /** How long until the gate can pass; `undefined` while nobody knows. */
  readonly drainsInMs: number | undefined;
}

/** Remembers the tallies of the last `windowMs`, and tells the legacy share of what came in since the oldest of them. */
export function createRecentShare(windowMs: number, now: Clock): (tally: Tally) => number | undefined {
  const remembered: { readonly atMs: number; readonly tally: Tally }[] = [];
  return (tally) => {
    const atMs = now();
    remembered.push({ atMs, tally });
    while (remembered.length > 2 && (remembered[1]?.atMs ?? atMs) <= atMs - windowMs) remembered.shift();
    const lately = tallyBetween(remembered[0]?.tally ?? tally, tally);
    return lately.legacy + lately.target === 0 ? undefined : legacyShare(lately);
  };
}
