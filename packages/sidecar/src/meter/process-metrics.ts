import type { Clock } from '@crossfade/core';
import { METRICS } from '@crossfade/core/metrics';
import { Gauge, type Registry } from 'prom-client';
import { metricOptions } from './metric-options.ts';

export interface ProcessMetricsParts {
  /** A random id of this run. */
  readonly process: string;
  readonly startedAtMs: number;
  readonly now: Clock;
  /** Whether no request will be counted any more. */
  readonly isFinal: () => boolean;
}

/** Registers what tells one run of a process from another, and whether its counts are its last. */
export function registerProcessMetrics(
  registry: Registry,
  { process, startedAtMs, now, isFinal }: ProcessMetricsParts,
): void {
  const registers = [registry];
  new Gauge({ ...metricOptions(METRICS.processStart), registers }).set({ process }, startedAtMs / 1000);
  new Gauge({
    ...metricOptions(METRICS.processFinal),
    registers,
    collect() {
      this.set({ process }, isFinal() ? 1 : 0);
    },
  });
  new Gauge({
    ...metricOptions(METRICS.clock),
    registers,
    collect() {
      this.set(now() / 1000);
    },
  });
}
