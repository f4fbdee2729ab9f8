import { OUTCOMES, type Outcome } from '@crossfade/core';
import { METRICS } from '@crossfade/core/metrics';
import { DURATION_BOUNDS_SECONDS } from '@crossfade/validator/collector';
import { Histogram, type Registry } from 'prom-client';
import type { DurationHistogram, Durations } from './durations.ts';
import { metricOptions } from './metric-options.ts';

const { name: NAME, help: HELP } = METRICS.judgementDuration;

/**
 * Registers the histogram of judgement durations. prom-client's own `observe` costs more than a cached judgement: the
 * histogram is read from `durations` instead.
 */
export function registerDurationMetric(registry: Registry, durations: Durations): void {
  const histogram = new Histogram({ ...metricOptions(METRICS.judgementDuration), registers: [registry] });
  const read = async () => ({
    name: NAME,
    help: HELP,
    type: 'histogram',
    aggregator: 'sum',
    values: OUTCOMES.flatMap((outcome) => samples(outcome, durations.histogram(outcome))),
  });
  // prom-client reads `getForPromString` for a scrape, and `get` otherwise.
  Object.assign(histogram, { get: read, getForPromString: read });
}

function samples(outcome: Outcome, { buckets, sumSeconds, count }: DurationHistogram) {
  const bounds: readonly (number | string)[] = [...DURATION_BOUNDS_SECONDS, '+Inf'];
  return [
    ...bounds.map((le, index) => ({
      metricName: `${NAME}_bucket`,
      labels: { le, outcome },
      value: buckets[index] ?? count,
    })),
    { metricName: `${NAME}_sum`, labels: { outcome }, value: sumSeconds },
    { metricName: `${NAME}_count`, labels: { outcome }, value: count },
  ];
}
