import { OUTCOMES } from '@crossfade/core';
import { Histogram, type Registry } from 'prom-client';
import { DURATION_BOUNDS_SECONDS, type Durations } from './durations.ts';

/**
 * Registers the histogram of judging times. prom-client's own `observe` costs more than a cached judgement, so the
 * histogram is read from where it is cheaply kept.
 */
export function registerDurationMetric(registry: Registry, durations: Durations): void {
  const histogram = new Histogram({
    name: 'crossfade_judgement_duration_seconds',
    help: 'How long judging an access token took.',
    labelNames: ['outcome'],
    buckets: [...DURATION_BOUNDS_SECONDS],
    registers: [registry],
  });
  const original = histogram.get.bind(histogram);
  const read = async () => ({
    ...(await original()),
    values: OUTCOMES.flatMap((outcome) => samples(outcome, durations)),
  });
  // A scrape asks for the second name, and everyone else for the first.
  Object.assign(histogram, { get: read, getForPromString: read });
}

function samples(outcome: (typeof OUTCOMES)[number], durations: Durations) {
  const { buckets, sumSeconds, count } = durations.histogram(outcome);
  const name = 'crossfade_judgement_duration_seconds';
  return [
    ...buckets.map((value, index) => ({
      metricName: `${name}_bucket`,
      labels: { le: DURATION_BOUNDS_SECONDS[index], outcome },
      value,
    })),
    { metricName: `${name}_bucket`, labels: { le: '+Inf', outcome }, value: count },
    { metricName: `${name}_sum`, labels: { outcome }, value: sumSeconds },
    { metricName: `${name}_count`, labels: { outcome }, value: count },
  ];
}
