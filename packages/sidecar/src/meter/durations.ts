import type { Outcome } from '@crossfade/core';

/** From a cache hit to a slow issuer, in seconds. */
export const DURATION_BOUNDS_SECONDS = [
  0.000_01, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5,
] as const;

/** One outcome's histogram: `buckets[i]` counts what took at most `DURATION_BOUNDS_SECONDS[i]`, cumulatively. */
export interface DurationHistogram {
  readonly buckets: readonly number[];
  readonly sumSeconds: number;
  readonly count: number;
}

/** How long judging took. */
export interface Durations {
  observe(outcome: Outcome, durationSeconds: number): void;
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
