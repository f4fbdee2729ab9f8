import { randomUUID } from 'node:crypto';
import {
  activeBrownout,
  brownoutSwitch,
  type Clock,
  type FlagSource,
  formatInstant,
  type MigrationPlan,
  type SidecarPlan,
} from '@crossfade/core';
import type { CollectorStatus, SidecarStatus, StragglerList } from '@crossfade/core/status';
import { createDurations, createMeter, type Meter } from '@crossfade/validator/meter';
import type { Registry } from 'prom-client';
import { observedAcceptance } from '../meter/acceptance-evidence.ts';
import { createLegacyLog } from '../meter/legacy-log.ts';
import { createRegistry } from '../meter/registry.ts';
import { readStatus } from '../meter/status.ts';
import { createStragglers, readStragglers } from '../meter/stragglers.ts';
import type { Log } from '../process/log.ts';
import { VERSION } from '../process/version.ts';
import { type Collector, createCollector } from './collector.ts';
import { registerCollectorMetrics } from './collector-metrics.ts';
import { reportedAcceptance } from './reported-acceptance.ts';
import { createSenders, type Senders } from './senders.ts';

/** How many senders `/status` lists. */
const MAX_LISTED_SENDERS = 100;

export interface CollectingMeterParts {
  readonly plan: MigrationPlan;
  readonly settings: Pick<SidecarPlan, 'service'>;
  readonly flags: FlagSource;
  readonly log: Log;
  readonly now: Clock;
}

/** The meter of a collector: counts what other processes judged and reports the counts. */
export interface CollectingMeter {
  readonly collector: Collector;
  readonly registry: Registry;
  status(): SidecarStatus;
  stragglers(): StragglerList;
  /** Logs the number of omitted legacy lines, and the final counts; nothing may be counted after it. */
  flush(): void;
}

export function createCollectingMeter({ plan, settings, flags, log, now }: CollectingMeterParts): CollectingMeter {
  const { migration } = plan;
  const { service } = settings;
  const startedAtMs = now();
  const meter = createMeter(plan.gate.acknowledged);
  const durations = createDurations();
  const stragglers = createStragglers({ now, silenceMs: plan.gate.silenceMs });
  const legacyLog = createLegacyLog(log);
  const senders = createSenders(now);
  const collector = createCollector({ meter, durations, stragglers, legacyLog, senders, now });
  const acceptance = () => {
    const reported = reportedAcceptance(senders);
    if (reported !== undefined) return reported.acceptance;
    const { acceptance: position, issuance } = flags.snapshot().document;
    return observedAcceptance({ legacy: null, target: null }, position, issuance);
  };
  const shown = (): SidecarStatus['shown'] => {
    const reported = reportedAcceptance(senders);
    return { legacy: reported?.legacy ?? null, target: reported?.target ?? null };
  };
  const shownMeter = withGaps(meter, senders);
  const parts = { migration, service, flags, startedAtMs, process: randomUUID(), version: VERSION, meter: shownMeter };
  let isFinal = false;
  const registry = createRegistry({
    ...parts,
    plan,
    isFinal: () => isFinal,
    durations,
    // Only the judging processes have keys.
    validator: { acceptance, keys: () => [] },
    enforces: false,
    seenKeys: { missing: () => [] },
    now,
  });
  registerCollectorMetrics(registry, collector, senders);
  const commanded = brownoutSwitch(flags);
  const statusParts = {
    ...parts,
    acceptance,
    shown,
    isPrepared: () => acceptance() !== 'legacy',
    brownout: () => activeBrownout(commanded(), now()),
    keys: () => [],
  };
  const status = () => ({ ...readStatus(statusParts), collector: collectorStatus(senders, collector) });

  return {
    collector,
    registry,
    status,
    stragglers: () => readStragglers(stragglers, flags, startedAtMs),
    flush() {
      isFinal = true;
      legacyLog.flush();
      log.info({ event: 'final_counts', status: status() }, 'final counts');
    },
  };
}

/** A meter whose last unavailable time includes gaps: a missing judgement hides as much as an unjudged token. */
function withGaps(meter: Meter, senders: Pick<Senders, 'lastGapMs'>): Meter {
  return {
    ...meter,
    lastUnavailableMs() {
      const times = [meter.lastUnavailableMs(), senders.lastGapMs()].filter((time) => time !== null);
      return times.length === 0 ? null : Math.max(...times);
    },
  };
}

function collectorStatus(senders: Senders, collector: Pick<Collector, 'batches'>): CollectorStatus {
  const all = senders.list();
  return {
    watching: senders.isWatching(),
    batches: { ...collector.batches() },
    senders: all
      .slice(0, MAX_LISTED_SENDERS)
      .map(({ lastHeardMs, ...sender }) => ({ ...sender, lastHeardAt: formatInstant(lastHeardMs) })),
    truncated: all.length > MAX_LISTED_SENDERS,
  };
}
