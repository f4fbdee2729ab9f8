import type { MetricDefinition } from '@crossfade/core/metrics';

/** What prom-client is told of a metric. */
export function metricOptions<Labels extends MetricDefinition['labels']>({
  name,
  help,
  labels,
}: MetricDefinition & { readonly labels: Labels }) {
  return { name, help, labelNames: Object.keys(labels) as (keyof Labels & string)[] };
}
