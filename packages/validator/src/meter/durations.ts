import { DURATION_BOUNDS_SECONDS, type DurationsRecord } from '../collector/judgement-batch.ts';

/** `buckets[i]` counts all that took at most `DURATION_BOUNDS_SECONDS[i]`. */
export interface DurationHistogram {
  readonly buckets: readonly number[];
  readonly sumSeconds: number;
  readonly count: number;
}

/** Counts how long judgements took, whatever their outcome. */
export interface Durations {
  observe(durationSeconds: number): void;
  /** Adds durations that another process observed. */
  add(observed: Pick<DurationsRecord, 'counts' | 'sumSeconds'>): void;
  histogram(): DurationHistogram;
}

export function createDurations(): Durations {
  const size = DURATION_BOUNDS_SECONDS.length;
  const counts = new Float64Array(size + 1);
  let total = 0;
  return {
    observe(durationSeconds) {
      let index = 0;
      while (index < size && durationSeconds > (DURATION_BOUNDS_SECONDS[index] ?? 0)) index += 1;
      counts[index] = (counts[index] ?? 0) + 1;
      total += durationSeconds;
    },

    add({ counts: added, sumSeconds }) {
      for (const [bucket, count] of added.entries()) counts[bucket] = (counts[bucket] ?? 0) + count;
      total += sumSeconds;
    },

    histogram() {
      let count = 0;
      const cumulative = Array.from(counts, (own) => {
        count += own;
        return count;
      });
      return { buckets: cumulative.slice(0, size), sumSeconds: total, count };
    },
  };
}
