import type { MigrationPlan } from '@crossfade/core';
import type { PrometheusQuery } from '../prometheus/prometheus-query.ts';
import { LOOK_BACK_SECONDS } from '../prometheus/recorded-window.ts';
import type { RequestRates } from './fleet.ts';

/** Reads how many requests a second arrive, as the rules recorded it. @throws `UnavailableError` when Prometheus cannot be reached. */
export async function readRates(
  query: PrometheusQuery,
  { migration }: Pick<MigrationPlan, 'migration'>,
): Promise<RequestRates | null> {
  const recorded = `crossfade:requests:rate5m{migration="${migration}"}`;
  const samples = await query(`sum by (audience) (max by (service, cluster, shard, audience, outcome) (${recorded}))`);
  if (samples.length === 0) return null;
  return {
    perSecond: Object.fromEntries(samples.map(({ labels, value }) => [labels['audience'] ?? 'other', value])),
    overMs: LOOK_BACK_SECONDS * 1000,
  };
}
