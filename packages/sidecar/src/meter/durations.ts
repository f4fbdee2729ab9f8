import type { Outcome } from '@crossfade/core';
import { DURATION_BOUNDS_SECONDS, type DurationsRecord } from '@crossfade/validator/collector';

/** The histogram of one outcome: `buckets[i]` counts all that took at most `DURATION_BOUNDS_SECONDS[i]`. */
export interface DurationHistogram {
  readonly buckets: readonly number[];
  readonly sumSeconds: number;
  readonly count: number;
}

/** Counts how long judgements took. */
export interface Durations {
  observe(outcome: Outcome, durationSeconds: number): void;
  /** Adds durations that another process observed. */
  add(observed: Pick<DurationsRecord, 'outcome' | 'counts' | 'sumSeconds'>): void;
  histogram(outcome: Outcome): DurationHistogram;
}

export function createDurations(): Durations {
  const size = DURATION_BOUNDS_SECONDS.length;
  const series = {
    accepted: { counts: new Float64Array(size + 1), sumSeconds: 0 },
    rejected: { counts: new Float64Array(size + 1), sumSeconds: 0 },
  };
  return {
    observe(outcome, durationSeconds) {
      const { counts } = series[outcome];
      let index = 0;
      while (index < size && durationSeconds > (DURATION_BOUNDS_SECONDS[index] ?? 0)) index += 1;
      counts[index] = (counts[index] ?? 0) + 1;
      series[outcome].sumSeconds += durationSeconds;
    },

    add({ outcome, counts: added, sumSeconds }) {
      const { counts } = series[outcome];
      for (const [bucket, count] of added.entries()) counts[bucket] = (counts[bucket] ?? 0) + count;
      series[outcome].sumSeconds += sumSeconds;
    },

    histogram(outcome) {
      const { counts, sumSeconds } = series[outcome];
      let total = 0;
      const cumulative = Array.from(counts, (count) => {
        total += count;
        return total;
      });
      return { buckets: cumulative.slice(0, size), sumSeconds, count: total };
    },
  };
}
