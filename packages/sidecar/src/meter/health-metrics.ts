import { type FlagSource, SIDES } from '@crossfade/core';
import { METRICS } from '@crossfade/core/metrics';
import type { Validator } from '@crossfade/validator';
import { Counter, Gauge, type Registry } from 'prom-client';
import { metricOptions } from './metric-options.ts';
import { enforcedAcceptance, type SeenKeys } from './seen-keys.ts';

export interface HealthMetricsParts {
  readonly flags: FlagSource;
  readonly validator: Pick<Validator, 'acceptance' | 'keys'>;
  /** Whether this process rejects requests; only then it has an acceptance of its own to report. */
  readonly enforces: boolean;
  /** A process that enforces shows that it accepts a side once it had that side's keys. */
  readonly seenKeys: SeenKeys;
  readonly startedAtMs: number;
  readonly now: () => number;
  readonly version: string;
}

/** Registers the positions of the switches, and the health of the flags and the keys. */
export function registerHealthMetrics(registry: Registry, parts: HealthMetricsParts): void {
  registerSwitchMetrics(registry, parts);
  registerFlagMetrics(registry, parts);
  registerKeyMetrics(registry, parts);
  new Gauge({
    ...metricOptions(METRICS.buildInfo),
    registers: [registry],
  }).set({ version: parts.version, node: process.version }, 1);
}

function registerSwitchMetrics(registry: Registry, { flags, validator, enforces, seenKeys }: HealthMetricsParts): void {
  const registers = [registry];
  new Gauge({
    ...metricOptions(METRICS.issuancePercent),
    registers,
    collect() {
      this.set(flags.snapshot().document.issuance.percent);
    },
  });
  if (!enforces) return;
  new Gauge({
    ...metricOptions(METRICS.accepts),
    registers,
    collect() {
      this.reset();
      const shown = enforcedAcceptance(validator.acceptance(), seenKeys);
      for (const audience of SIDES) if (shown[audience] !== null) this.set({ audience }, shown[audience] ? 1 : 0);
    },
  });
}

function registerFlagMetrics(registry: Registry, { flags, startedAtMs, now }: HealthMetricsParts): void {
  const registers = [registry];
  new Gauge({
    ...metricOptions(METRICS.flagsAge),
    registers,
    collect() {
      this.set(flags.snapshot().ageSeconds ?? (now() - startedAtMs) / 1000);
    },
  });
  new Counter({
    ...metricOptions(METRICS.flagsRefresh),
    registers,
    collect() {
      this.reset();
      const refreshes = flags.refreshes();
      for (const result of METRICS.flagsRefresh.labels.result)
        if (refreshes[result] > 0) this.inc({ result }, refreshes[result]);
    },
  });
  new Gauge({
    ...metricOptions(METRICS.flagsInfo),
    registers,
    collect() {
      this.reset();
      const { revision, source, hash } = flags.snapshot();
      this.set({ revision: revision ?? '', source: source ?? '', hash: hash ?? '' }, 1);
    },
  });
}

function registerKeyMetrics(registry: Registry, { validator }: HealthMetricsParts): void {
  const registers = [registry];
  new Counter({
    ...metricOptions(METRICS.keysRefresh),
    registers,
    collect() {
      this.reset();
      for (const { side, refreshes } of validator.keys()) {
        for (const result of METRICS.keysRefresh.labels.result)
          if (refreshes[result] > 0) this.inc({ side, result }, refreshes[result]);
      }
    },
  });
  new Gauge({
    ...metricOptions(METRICS.keysAge),
    registers,
    collect() {
      this.reset();
      for (const { side, ageSeconds } of validator.keys()) if (ageSeconds !== null) this.set({ side }, ageSeconds);
    },
  });
}
