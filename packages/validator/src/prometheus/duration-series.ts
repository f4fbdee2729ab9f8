import { METRICS } from '@crossfade/core/metrics';
import { DURATION_BOUNDS_SECONDS } from '../collector/judgement-batch.ts';
import type { Durations } from '../meter/durations.ts';
import type { Sample, Series } from './series.ts';

const { name: NAME } = METRICS.judgementDuration;

/** With `+Inf`, six buckets: each is a series of every instance. Collectors' batches are finer. */
const SHOWN_SECONDS: readonly (typeof DURATION_BOUNDS_SECONDS)[number][] = [0.000_1, 0.001, 0.01, 0.1, 1];

/** The histogram of judgement durations. prom-client's own `observe` costs more than a cached judgement. */
export function durationSeries(durations: Pick<Durations, 'histogram'>): Series {
  return { metric: METRICS.judgementDuration, read: () => samplesOf(durations) };
}

function samplesOf(durations: Pick<Durations, 'histogram'>): readonly Sample[] {
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
