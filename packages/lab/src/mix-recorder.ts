import type { Clock } from '@crossfade/core';
import { type Ledger, legacyShare, tallyBetween } from './ledger.ts';

/** The audience mix over one short stretch of time. */
export interface MixSample {
  readonly atMs: number;
  /** The legacy share of the tokens accepted in the stretch that ends at `atMs`, 0..1. */
  readonly legacyShare: number;
}

export interface MixRecorder {
  /** Ends the recording, and returns the samples in order of time. */
  stop(): readonly MixSample[];
}

const STRETCH_MS = 1000;

/** Records the audience mix while a rehearsal runs. A stretch without traffic leaves no sample. */
export function recordMix(ledger: Pick<Ledger, 'tally'>, now: Clock): MixRecorder {
  const samples: MixSample[] = [];
  let before = ledger.tally();
  const sample = (): void => {
    const after = ledger.tally();
    const lately = tallyBetween(before, after);
    if (lately.legacy + lately.target === 0) return;
    samples.push({ atMs: now(), legacyShare: legacyShare(lately) });
    before = after;
  };
  const timer = setInterval(sample, STRETCH_MS);
  timer.unref();
  return {
    stop() {
      clearInterval(timer);
      sample();
      return samples;
    },
  };
}
