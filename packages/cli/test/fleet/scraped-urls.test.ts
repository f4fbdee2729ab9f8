import { parsePlan } from '@crossfade/core';
import { liveInstances } from '@crossfade/core/metrics';
import { expect, it } from 'vitest';
import { listSidecars } from '../../src/fleet/list-sidecars.ts';
import { startPrometheus } from '../fixture/prometheus.ts';
import { PLAN } from '../fixture/workplace.ts';

const access = { env: {}, signal: new AbortController().signal };

async function list(instances: readonly string[], targets: Parameters<typeof Object.assign>[1]) {
  const prometheus = await startPrometheus({ live: liveInstances('orders-2026') });
  prometheus.results.live = instances.map((instance) => [{ job: 'api', instance }, 1]);
  prometheus.targets = targets;
  return listSidecars(parsePlan({ ...PLAN, gate: { prometheus: prometheus.url } }), access);
}

it('asks each instance by the scheme, the address and the path by which Prometheus scrapes it', async () => {
  const targets = [
    { job: 'api', instance: 'a:9465', scrapeUrl: 'https://a:9465/metrics' },
    { job: 'api', instance: 'pod-b', scrapeUrl: 'https://10.0.0.7:9465/internal/orders/metrics?x=1' },
    { job: 'another', instance: 'c:9465', scrapeUrl: 'https://c:9465/metrics' },
    { job: 'api', instance: 'd:9465', scrapeUrl: 'http://d:9465/federate' },
    { job: 'api', instance: 'gone:9465', scrapeUrl: 'https://gone:9465/metrics' },
  ];
  expect(await list(['a:9465', 'pod-b', 'c:9465', 'd:9465'], targets)).toEqual([
    'http://c:9465',
    'http://d:9465',
    'https://10.0.0.7:9465/internal/orders',
    'https://a:9465',
  ]);
});

it('asks by http where the store knows of no targets, or of malformed ones', async () => {
  expect(await list(['a:9465'], null)).toEqual(['http://a:9465']);
  const malformed = [{ job: 'api', instance: 'a:9465', scrapeUrl: 'file:///etc/metrics' }];
  expect(await list(['a:9465'], malformed)).toEqual(['http://a:9465']);
});

it('asks an instance once that two jobs scrape', async () => {
  expect(await list(['a:9465', 'a:9465'], null)).toEqual(['http://a:9465']);
});
