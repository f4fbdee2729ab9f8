import { Counter, Gauge, type Registry } from 'prom-client';
import { BATCH_RESULTS, type Collector } from './collector.ts';
import { reportedAcceptance } from './reported-acceptance.ts';
import type { Senders } from './senders.ts';

const SIDES = ['legacy', 'target'] as const;
const SHOWN_STATES = ['live', 'silent'] as const;

/** Registers what tells whether the collector hears everybody. */
export function registerCollectorMetrics(
  registry: Registry,
  collector: Pick<Collector, 'batches'>,
  senders: Senders,
): void {
  const registers = [registry];
  new Gauge({
    name: 'crossfade_accepts',
    help: 'Whether every process that reports here lets tokens of an audience in; absent while none does.',
    labelNames: ['audience'],
    registers,
    collect() {
      this.reset();
      const reported = reportedAcceptance(senders);
      if (reported === undefined) return;
      for (const audience of SIDES) this.set({ audience }, reported[audience] ? 1 : 0);
    },
  });
  new Gauge({
    name: 'crossfade_collector_watches',
    help: 'Whether somebody reports, and nobody is silent who should; while 0, this meter does not count as one.',
    registers,
    collect() {
      this.set(senders.isWatching() ? 1 : 0);
    },
  });
  new Gauge({
    name: 'crossfade_collector_senders',
    help: 'Processes that send their judgements here.',
    labelNames: ['state'],
    registers,
    collect() {
      const all = senders.list();
      for (const state of SHOWN_STATES) this.set({ state }, all.filter((sender) => sender.state === state).length);
    },
  });
  new Counter({
    name: 'crossfade_collector_batches_total',
    help: 'Batches of judgements by what came of them.',
    labelNames: ['result'],
    registers,
    collect() {
      this.reset();
      const batches = collector.batches();
      for (const result of BATCH_RESULTS) this.inc({ result }, batches[result]);
    },
  });
}
