import type { Clock } from '@crossfade/core';
import type { Ledger, Moment } from './ledger.ts';

const EVERY_MS = 250;

/** Records the counts four times a second until `end` is called. */
export function createRecorder(ledger: Pick<Ledger, 'counts'>, now: Clock): { end(): readonly Moment[] } {
  const moments: Moment[] = [];
  const take = () => void moments.push({ atMs: now(), counts: ledger.counts() });
  take();
  const timer = setInterval(take, EVERY_MS);
  timer.unref();
  return {
    end() {
      clearInterval(timer);
      take();
      return moments;
    },
  };
}
