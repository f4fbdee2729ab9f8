import type { Phase } from '@crossfade/core';
import { legacyShare, type Tally, tallyBetween } from './ledger.ts';

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

/** Remembers the tallies of the last few looks, and tells the legacy share among them. */
export function createRecentShare(looks: number): (tally: Tally) => number | undefined {
  const remembered: Tally[] = [];
  return (tally) => {
    remembered.push(tally);
    if (remembered.length > looks) remembered.shift();
    const lately = tallyBetween(remembered[0] ?? tally, tally);
    return lately.legacy + lately.target === 0 ? undefined : legacyShare(lately);
  };
}
