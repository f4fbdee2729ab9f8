import type { Clock } from '@crossfade/core';
import { METRICS } from '@crossfade/core/metrics';
import { by, one } from './samples.ts';
import type { Series } from './series.ts';

export interface ProcessParts {
  /** A random id of this run. */
  readonly process: string;
  readonly startedAtMs: number;
  readonly now: Clock;
  /** Whether no request will be counted any more. Read once a scrape. */
  readonly isFinal: () => boolean;
}

/** What tells one run of a process from another, and whether its counts are its last. */
export function processSeries({ process, startedAtMs, now, isFinal }: ProcessParts): readonly Series[] {
  return [
    { metric: METRICS.processStart, read: () => by('process', [process], () => startedAtMs / 1000) },
    { metric: METRICS.processFinal, read: () => by('process', [process], () => Number(isFinal())) },
    { metric: METRICS.clock, read: () => one(now() / 1000) },
  ];
}
