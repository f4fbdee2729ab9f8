import type { MigrationPlan } from '@crossfade/core';
import { METRICS } from '@crossfade/core/metrics';
import type { PrometheusQuery } from '../prometheus/prometheus-query.ts';
import type { RequestRates } from './fleet.ts';

/** Long enough for a scrape interval of one minute: `rate` needs two samples. */
const WINDOW_MS = 150_000;

/** Reads how many requests a second arrive. @throws `UnavailableError` when Prometheus cannot be reached. */
export async function readRates(
  query: PrometheusQuery,
  { migration }: Pick<MigrationPlan, 'migration'>,
): Promise<RequestRates> {
  const counter = `${METRICS.requests.name}{migration="${migration}"}`;
  // An instance that two jobs scrape is one.
  const samples = await query(
    `sum by (audience) (max by (instance, audience, outcome) (rate(${counter}[${WINDOW_MS / 1000}s])))`,
  );
  return {
    perSecond: Object.fromEntries(samples.map(({ labels, value }) => [labels['audience'] ?? 'other', value])),
    overMs: WINDOW_MS,
  };
}
