import type { Clock } from '@crossfade/core';
import type { Ledger, Tally } from '../ledger/ledger.ts';

/** The counts at one moment. */
export interface Frame {
  readonly atMs: number;
  readonly tally: Tally;
}

const EVERY_MS = 250;

/** Takes the counts several times a second, until it is ended. */
export function createFilm(ledger: Pick<Ledger, 'tally'>, now: Clock): { end(): readonly Frame[] } {
  const frames: Frame[] = [];
  const take = () => void frames.push({ atMs: now(), tally: ledger.tally() });
  take();
  const timer = setInterval(take, EVERY_MS);
  timer.unref();
  return {
    end() {
      clearInterval(timer);
      take();
      return frames;
    },
  };
}
