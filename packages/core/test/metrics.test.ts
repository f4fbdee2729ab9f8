import { describe, expect, it } from 'vitest';
import { CLIENT_METRICS, liveInstances, METRICS, type MetricDefinition } from '../src/metrics.ts';

const metrics: readonly MetricDefinition[] = Object.values(METRICS);
const OF_CLIENTS: readonly string[] = CLIENT_METRICS.map(({ name }) => name);

describe('the metrics', () => {
  it('have names of their own, with the endings that Prometheus recommends', () => {
    expect(new Set(metrics.map(({ name }) => name)).size).toBe(metrics.length);
    for (const { name, type } of metrics) {
      expect(name).toMatch(/^crossfade_[a-z_]+$/);
      expect(name.endsWith('_total')).toBe(type === 'counter');
    }
  });

  it.each([
    ['a collector', ({ name }: MetricDefinition) => name !== METRICS.openConnections.name],
    ['any other sidecar', ({ name }: MetricDefinition) => !name.startsWith('crossfade_collector_')],
  ])('of %s stay within 60 series an instance, reasons and buckets aside', (_sidecar, isExposed) => {
    const counted = metrics.filter(
      (metric) => isExposed(metric) && !('reason' in metric.labels) && !OF_CLIENTS.includes(metric.name),
    );
    const series = counted.map(({ labels }) =>
      Object.values(labels).reduce((count, values) => count * (values?.length ?? 1), 1),
    );
    expect(series.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(60);
  });

  it('never carry an audience, a client or a subject as it stands in a token', () => {
    const open = metrics.flatMap(({ labels }) => Object.entries(labels).flatMap(([name, set]) => set ?? [name]));
    expect(metrics.flatMap(({ labels }) => Object.keys(labels).filter((name) => labels[name] === null))).toEqual([
      'revision',
      'source',
      'hash',
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
