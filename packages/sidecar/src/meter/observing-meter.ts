import { randomUUID } from 'node:crypto';
import {
  type Acceptance,
  acceptanceSwitch,
  activeBrownout,
  brownoutSwitch,
  type Clock,
  type FlagSource,
  lastMoveMs,
  type ObservationPlan,
  type SidecarPlan,
} from '@crossfade/core';
import type { SidecarStatus, StragglerList } from '@crossfade/core/status';
import type { Validator } from '@crossfade/validator';
import { createDurations, createMeter, enforcedAcceptance, type SeenKeys } from '@crossfade/validator/meter';
import type { Registry } from 'prom-client';
import type { Log } from '../process/log.ts';
import { VERSION } from '../process/version.ts';
import { observedAcceptance, shownByResponses } from './acceptance-evidence.ts';
import { createForeignAudiences } from './foreign-audiences.ts';
import { createLegacyLog } from './legacy-log.ts';
import { createObserver, type Observer } from './observer.ts';
import { createOpenConnections, type OpenConnections } from './open-connections.ts';
import { planHash } from './plan-hash.ts';
import { createRegistry } from './registry.ts';
import { readStatus } from './status.ts';
import { createStragglers, readStragglers } from './stragglers.ts';

export interface ObservingMeterParts {
  readonly plan: ObservationPlan;
  readonly settings: Pick<SidecarPlan, 'service' | 'mode' | 'judge' | 'legacyConnections'>;
  readonly flags: FlagSource;
  readonly validator: Pick<Validator, 'judge' | 'judgeHeader' | 'acceptance' | 'brownout' | 'keys'>;
  readonly seenKeys: SeenKeys;
  readonly log: Log;
  readonly now: Clock;
}

/** The meter of a sidecar that judges requests by itself: counts them and reports the counts. */
export interface ObservingMeter {
  readonly observer: Observer;
  readonly registry: Registry;
  status(): SidecarStatus;
  stragglers(): StragglerList;
  /** Logs the number of omitted legacy lines, and the final counts; nothing may be counted after it. */
  flush(): void;
}

export function createObservingMeter({
  plan,
  settings,
  flags,
  validator,
  seenKeys,
  log,
  now,
}: ObservingMeterParts): ObservingMeter {
  const { migration } = plan;
  const { service } = settings;
  const enforces = settings.mode === 'forward-auth' || settings.judge === 'enforce';
  const startedAtMs = now();
  const version = VERSION;
  const meter = createMeter(plan.gate.acknowledged);
  const durations = createDurations();
  const stragglers = createStragglers({ now, silenceMs: plan.gate.silenceMs });
  const foreignAudiences = createForeignAudiences(
    [plan.legacy, plan.target].flatMap((side) => side?.audiences ?? side?.audience ?? []),
  );
  const position = acceptanceSwitch(flags);
  const connections = createOpenConnections({
    stragglers,
    endsRefused: () => settings.legacyConnections === 'end' && position() === 'target',
  });
  // Without the legacy side no token is judged, and without the API's responses nothing is known to be open.
  const openCounts = settings.mode === 'proxy' && plan.legacy !== undefined ? connections.counts : undefined;
  const legacyLog = createLegacyLog(log);
  let switchedMs = 0;
  let isFinal = false;
  const shown = (): SidecarStatus['shown'] => {
    if (enforces) return enforcedAcceptance(validator.acceptance(), seenKeys);
    const { document } = flags.snapshot();
    // AppConfig returns a closed flag without its time, and a document by hand has none.
    const movedMs = Math.max(lastMoveMs(document) ?? 0, switchedMs);
    return shownByResponses(meter, { movedMs, silenceMs: plan.gate.silenceMs, nowMs: now() });
  };
  const acceptance = () => {
    const decided = validator.acceptance();
    if (enforces || decided === 'legacy') return decided;
    const { document } = flags.snapshot();
    return observedAcceptance(shown(), document.acceptance, document.issuance);
  };
  const isPrepared = () => {
    const decided = validator.acceptance();
    if (enforces || decided === 'legacy') return decided !== 'legacy';
    const window = { movedMs: null, silenceMs: plan.gate.silenceMs, nowMs: now() };
    return shownByResponses(meter, window).target === true;
  };
  const keys = () => validator.keys();
  const run = { startedAtMs, process: randomUUID(), version };
  const commanded = brownoutSwitch(flags);
  const brownout = () => (enforces ? validator.brownout() : activeBrownout(commanded(), now()));
  const statusParts = {
    plan: planHash(plan),
    migration,
    service,
    flags,
    acceptance,
    shown,
    isPrepared,
    meter,
    keys,
    brownout,
    ...run,
  };
  const counts = () => readStatus(statusParts);
  const status = () => ({
    ...counts(),
    foreignAudiences: foreignAudiences.snapshot(),
    ...(openCounts !== undefined && { openConnections: openCounts() }),
  });
  onSwitch(flags, (acceptance) => {
    switchedMs = now();
    if (acceptance === 'target' && settings.legacyConnections === 'end') endRefused(connections, log);
  });

  return {
    observer: createObserver({
      validator,
      meter,
      durations,
      stragglers,
      connections,
      foreignAudiences,
      legacyLog,
      now,
    }),
    registry: createRegistry({
      migration,
      service,
      plan,
      meter,
      durations,
      flags,
      validator,
      enforces,
      seenKeys,
      ...run,
      now,
      isFinal: () => isFinal,
      openConnections: openCounts,
    }),
    status,
    stragglers: () => readStragglers(stragglers, flags, startedAtMs),
    flush() {
      isFinal = true;
      legacyLog.flush();
      // No log holds what a token says, and so no foreign audience.
      log.info({ event: 'final_counts', status: counts() }, 'final counts');
    },
  };
}

/** Subscribes for the lifetime of the flag source, which outlives the meter. */
function onSwitch(flags: FlagSource, listener: (acceptance: Acceptance) => void): void {
  let position = flags.snapshot().document.acceptance;
  flags.subscribe(({ document }) => {
    if (document.acceptance === position) return;
    position = document.acceptance;
    listener(position);
  });
}

function endRefused(connections: Pick<OpenConnections, 'endRefused'>, log: Log): void {
  const ended = connections.endRefused();
  if (ended > 0)
    log.info({ event: 'legacy_connections_ended', ended }, 'closed: ended the connections of legacy tokens');
}
