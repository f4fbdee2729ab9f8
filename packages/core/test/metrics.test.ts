import { describe, expect, it } from 'vitest';
import { CLIENT_METRICS, liveInstances, METRICS, type MetricDefinition } from '../src/metrics.ts';

const metrics: readonly MetricDefinition[] = Object.values(METRICS);
const OF_CLIENTS: readonly string[] = CLIENT_METRICS.map(({ name }) => name);

/** Tokens of three classes get in, not of seven; most plans depend on keys alone. */
const FEWER: Readonly<Record<string, number>> = {
  [METRICS.requests.name]: METRICS.requests.labels.audience.length + METRICS.lastSeen.labels.audience.length,
  [METRICS.unavailable.name]: 1,
};

function seriesOf({ labels }: MetricDefinition): number {
  return Object.values(labels).reduce((count, values) => count * (values?.length ?? 1), 1);
}

describe('the metrics', () => {
  it('have names of their own, with the endings that Prometheus recommends', () => {
    expect(new Set(metrics.map(({ name }) => name)).size).toBe(metrics.length);
    for (const { name, type } of metrics) {
      expect(name).toMatch(/^crossfade_[a-z_]+$/);
      expect(name.endsWith('_total')).toBe(type === 'counter');
    }
  });

  it.each([
    // Only what judges has connections and keys.
    ['a collector', ({ name }: MetricDefinition) => !/^crossfade_(?:open_connections|keys_)/.test(name)],
    ['any other sidecar', ({ name }: MetricDefinition) => !name.startsWith('crossfade_collector_')],
  ])('of %s stay within 60 series an instance, reasons and buckets aside', (_sidecar, isExposed) => {
    const counted = metrics.filter(
      (metric) => isExposed(metric) && !('reason' in metric.labels) && !OF_CLIENTS.includes(metric.name),
    );
    const series = counted.map((metric) => (metric.name in FEWER ? FEWER[metric.name] : seriesOf(metric)) ?? 0);
    // A plan that uses introspection, revocation or exchange has one more for each.
    expect(series.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(60);
  });

  it('never carry an audience, a client or a subject as it stands in a token', () => {
    const open = metrics.flatMap(({ labels }) => Object.entries(labels).flatMap(([name, set]) => set ?? [name]));
    expect(metrics.flatMap(({ labels }) => Object.keys(labels).filter((name) => labels[name] === null))).toEqual([
      'revision',
      'source',
      'hash',
      'process',
      'process',
      'version',
      'node',
    ]);
    expect(open.every((value) => /^[a-z_]+$/.test(value))).toBe(true);
  });

  it('find the meters of one migration that are scraped now, without collectors that miss senders', () => {
    expect(liveInstances('orders-2026')).toBe(
      'max by (job, instance) (crossfade_build_info{migration="orders-2026"} unless on (job, instance) crossfade_collector_watches{migration="orders-2026"} == 0)',
    );
  });
});
