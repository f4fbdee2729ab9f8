import { METRICS } from '@crossfade/core/metrics';
import { Counter, Gauge, type Registry } from 'prom-client';
import { metricOptions } from '../meter/metric-options.ts';
import type { Collector } from './collector.ts';
import { reportedAcceptance } from './reported-acceptance.ts';
import type { Senders } from './senders.ts';

/** Registers the metrics of the collector and its senders. */
export function registerCollectorMetrics(
  registry: Registry,
  collector: Pick<Collector, 'batches'>,
  senders: Senders,
): void {
  const registers = [registry];
  new Gauge({
    ...metricOptions(METRICS.accepts),
    registers,
    collect() {
      this.reset();
      const reported = reportedAcceptance(senders);
      if (reported === undefined) return;
      for (const audience of METRICS.accepts.labels.audience) this.set({ audience }, reported[audience] ? 1 : 0);
    },
  });
  new Gauge({
    ...metricOptions(METRICS.collectorWatches),
    registers,
    collect() {
      this.set(senders.isWatching() ? 1 : 0);
    },
  });
  new Gauge({
    ...metricOptions(METRICS.collectorSenders),
    registers,
    collect() {
      const all = senders.list();
      for (const state of METRICS.collectorSenders.labels.state)
        this.set({ state }, all.filter((sender) => sender.state === state).length);
    },
  });
  new Counter({
    ...metricOptions(METRICS.collectorBatches),
    registers,
    collect() {
      this.reset();
      const batches = collector.batches();
      for (const result of METRICS.collectorBatches.labels.result) this.inc({ result }, batches[result]);
    },
  });
}
