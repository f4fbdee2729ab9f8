import { formatInstant } from '@crossfade/core';
import type { MixShown } from '../page/fleet-state.ts';
import type { InstanceReading } from './instance-reading.ts';

/** Narrows the counts of an instance, which begin with its process, to the last minute. */
export interface RecentMix {
  narrow(reading: InstanceReading, nowMs: number): InstanceReading;
}

const WINDOW_MS = 60_000;
/** Runs that did not tell for so long are forgotten. */
const FORGET_MS = 10 * WINDOW_MS;

interface CountedMix {
  readonly atMs: number;
  readonly mix: MixShown;
}

/** Remembers the counts that were read in the last minute. The first reading of a run stays as it is. */
export function createRecentMix(): RecentMix {
  const runs = new Map<string, readonly CountedMix[]>();
  return {
    narrow(reading, nowMs) {
      const { mix, process, name } = reading;
      if (mix === null) return reading;
      const run = process ?? name;
      const past = (runs.get(run) ?? []).filter(({ atMs }) => nowMs - atMs <= WINDOW_MS);
      runs.set(run, [...past, { atMs: nowMs, mix }]);
      for (const [other, counted] of runs) if (nowMs - (counted.at(-1)?.atMs ?? 0) > FORGET_MS) runs.delete(other);
      const [first] = past;
      if (first === undefined) return reading;
      return { ...reading, mix: difference(mix, first.mix), mixSince: formatInstant(first.atMs) };
    },
  };
}

/** A run without an id may have restarted: then its counts are smaller. */
function difference(later: MixShown, earlier: MixShown): MixShown {
  return {
    legacy: Math.max(0, later.legacy - earlier.legacy),
    target: Math.max(0, later.target - earlier.target),
    bridge: Math.max(0, later.bridge - earlier.bridge),
  };
}
