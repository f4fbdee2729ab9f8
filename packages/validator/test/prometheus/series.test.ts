import { METRICS } from '@crossfade/core/metrics';
import { Counter, type OpenMetricsContentType, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { registerSeries } from '../../src/prometheus/series.ts';

const LABELS = { migration: 'orders-2026', service: 'orders-api' };

/** A counter that reads `count.value` at each scrape. */
function counted(count: { value: number }) {
  return [
    {
      metric: METRICS.requests,
      read: () => [{ labels: { audience: 'legacy', outcome: 'accepted' }, value: count.value }],
    },
  ];
}

function samplesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

const sample = (value: number) =>
  `crossfade_requests_total{audience="legacy",outcome="accepted",migration="orders-2026",service="orders-api"} ${value}`;

test('each scrape reads the numbers of its moment, with the constant labels', async () => {
  const registry = new Registry();
  const count = { value: 1 };
  registerSeries(registry, LABELS, counted(count));
  expect(samplesOf(await registry.metrics())).toEqual([sample(1)]);
  count.value = 7;
  expect(samplesOf(await registry.metrics())).toEqual([sample(7)]);
  expect(samplesOf(await registry.getSingleMetricAsString(METRICS.requests.name))).toEqual([sample(7)]);
  expect(await registry.getMetricsAsJSON()).toMatchObject([{ name: METRICS.requests.name, type: 'counter' }]);
});

test('the default labels of the registry stay as they are, and other metrics get no label of ours', async () => {
  const registry = new Registry();
  registry.setDefaultLabels({ app: 'shop', service: 'shop' });
  new Counter({ name: 'orders_total', help: 'Orders.', registers: [registry] }).inc(3);
  registerSeries(registry, LABELS, counted({ value: 1 }));
  expect(samplesOf(await registry.metrics())).toEqual([
    'orders_total{app="shop",service="shop"} 3',
    'crossfade_requests_total{audience="legacy",outcome="accepted",migration="orders-2026",service="orders-api",app="shop"} 1',
  ]);
});

test('an OpenMetrics scrape names the counter by its rules, each time, and a text scrape after it as before', async () => {
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  registerSeries(registry, LABELS, counted({ value: 1 }));
  for (let scrape = 0; scrape < 2; scrape += 1) {
    const text = await registry.metrics();
    expect(text).toContain('# TYPE crossfade_requests counter');
    expect(samplesOf(text)).toEqual([sample(1)]);
  }
  registry.setContentType(Registry.PROMETHEUS_CONTENT_TYPE as never);
  expect(await registry.metrics()).toContain('# TYPE crossfade_requests_total counter');
  expect(samplesOf(await registry.metrics())).toEqual([sample(1)]);
});

test("resetting the registry's metrics takes nothing back, because it was counted", async () => {
  const registry = new Registry();
  registerSeries(registry, LABELS, counted({ value: 4 }));
  registry.resetMetrics();
  expect(samplesOf(await registry.metrics())).toEqual([sample(4)]);
});

test('two migrations share a registry, and the second one shows beside the first', async () => {
  const registry = new Registry();
  registerSeries(registry, LABELS, counted({ value: 1 }));
  registerSeries(registry, { ...LABELS, migration: 'billing' }, counted({ value: 2 }));
  expect(samplesOf(await registry.metrics())).toEqual([
    sample(1),
    'crossfade_requests_total{audience="legacy",outcome="accepted",migration="billing",service="orders-api"} 2',
  ]);
});

test('a migration that the registry has already is refused, and so is a metric of another program', async () => {
  const registry = new Registry();
  registerSeries(registry, LABELS, counted({ value: 1 }));
  expect(() =>
    registerSeries(registry, { ...LABELS, service: 'other' }, counted({ value: 9 }), 'validator metrics'),
  ).toThrow(
    /registry: has the metrics of the migration orders-2026 \(service orders-api\) already: create them once a process/,
  );
  expect(samplesOf(await registry.metrics())).toEqual([sample(1)]);

  const taken = new Registry();
  new Counter({ name: METRICS.rejections.name, help: 'Of another program.', registers: [taken] });
  const series = [...counted({ value: 1 }), { metric: METRICS.rejections, read: () => [] }];
  expect(() => registerSeries(taken, LABELS, series)).toThrow(
    /registry: has a metric crossfade_rejections_total of another program: use a registry of its own/,
  );
  expect(taken.getSingleMetric(METRICS.requests.name)).toBeUndefined();
});
