import { METRICS } from '@crossfade/core/metrics';
import { DURATION_BOUNDS_SECONDS } from '@crossfade/validator/collector';
import { Histogram, type Registry } from 'prom-client';
import type { Durations } from './durations.ts';
import { metricOptions } from './metric-options.ts';

const { name: NAME, help: HELP } = METRICS.judgementDuration;

/** With `+Inf`, six buckets: each is a series of every instance. Collectors' batches are finer. */
const SHOWN_SECONDS: readonly (typeof DURATION_BOUNDS_SECONDS)[number][] = [0.000_1, 0.001, 0.01, 0.1, 1];

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
    values: samples(durations),
  });
  // prom-client reads `getForPromString` for a scrape, and `get` otherwise.
  Object.assign(histogram, { get: read, getForPromString: read });
}

function samples(durations: Durations) {
  const { buckets, sumSeconds, count } = durations.histogram();
  const shown = SHOWN_SECONDS.map((le) => ({ le, value: buckets[DURATION_BOUNDS_SECONDS.indexOf(le)] ?? count }));
  return [
    ...[...shown, { le: '+Inf', value: count }].map(({ le, value }) => ({
      metricName: `${NAME}_bucket`,
      labels: { le },
      value,
    })),
    { metricName: `${NAME}_sum`, labels: {}, value: sumSeconds },
    { metricName: `${NAME}_count`, labels: {}, value: count },
  ];
}
