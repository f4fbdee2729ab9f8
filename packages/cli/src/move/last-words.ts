import { UnavailableError } from '@crossfade/core';
import { EMPTY_FLEET, type Fleet, type FleetSnapshot, type SilentMeter } from '../fleet/fleet.ts';

/** Without meters nothing shows that the APIs have reopened: their flags get their time. */
export const NO_FLEET: Fleet = {
  source: 'no meters',
  lagMs: 0,
  read: async () => EMPTY_FLEET,
  minting: async () => ({ kind: 'unseen' }),
};

/** A source that cannot be reached shows nothing: unknown holds nothing. */
export function withoutOutage(fleet: Fleet): Fleet {
  return {
    ...fleet,
    read: async (nowMs, frame) => (await fleet.read(nowMs, frame).catch(ignoreUnavailable)) ?? EMPTY_FLEET,
  };
}

/** Remembers what each instance showed last: one that falls silent during the wait is not forgotten. */
export function createLastWords(): { complete(snapshot: FleetSnapshot, nowMs: number): FleetSnapshot } {
  const words = new Map<string, SilentMeter>();
  return {
    complete(snapshot, nowMs) {
      // What a large fleet does not name is not gone, and its source remembers.
      if (snapshot.groups !== undefined) return snapshot;
      for (const { evidence, sides } of snapshot.readings)
        words.set(evidence.meter, { meter: evidence.meter, legacy: sides.legacy, seenMs: nowMs });
      const live = new Set(snapshot.readings.map(({ evidence }) => evidence.meter));
      const gone = [...words.values()].filter(({ meter }) => !live.has(meter));
      const others = snapshot.silent.filter(({ meter }) => gone.every((one) => one.meter !== meter));
      return { ...snapshot, silent: [...others, ...gone] };
    },
  };
}

/** What cannot be reached tells nothing. */
export function ignoreUnavailable(error: unknown): undefined {
  if (!(error instanceof UnavailableError)) throw error;
}
