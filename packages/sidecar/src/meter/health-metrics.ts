import { FLAG_REFRESH_RESULTS, type FlagSource } from '@crossfade/core';
import type { Validator } from '@crossfade/validator';
import { Counter, Gauge, type Registry } from 'prom-client';

export interface HealthMetricsParts {
  readonly flags: FlagSource;
  readonly validator: Pick<Validator, 'acceptance' | 'keys'>;
  /** Whether this process decides who gets in; if not, it has no acceptance of its own to report. */
  readonly enforces: boolean;
  readonly startedAtMs: number;
  readonly now: () => number;
  readonly version: string;
}

/** Registers the positions of the switches and the health of what they and the judging depend on. */
export function registerHealthMetrics(registry: Registry, parts: HealthMetricsParts): void {
  registerSwitchMetrics(registry, parts);
  registerFlagMetrics(registry, parts);
  registerKeyMetrics(registry, parts);
  new Gauge({
    name: 'crossfade_build_info',
    help: 'Always 1.',
    labelNames: ['version', 'node'],
    registers: [registry],
  }).set({ version: parts.version, node: process.version }, 1);
}

function registerSwitchMetrics(registry: Registry, { flags, validator, enforces }: HealthMetricsParts): void {
  const registers = [registry];
  new Gauge({
    name: 'crossfade_issuance_percent',
    help: 'The share of logins that ask for the target audience, as the flags command.',
    registers,
    collect() {
      this.set(flags.snapshot().document.issuance.percent);
    },
  });
  if (!enforces) return;
  new Gauge({
    name: 'crossfade_accepts',
    help: 'Whether this process lets tokens of an audience in.',
    labelNames: ['audience'],
    registers,
    collect() {
      const acceptance = validator.acceptance();
      this.set({ audience: 'legacy' }, acceptance === 'target' ? 0 : 1);
      this.set({ audience: 'target' }, acceptance === 'legacy' ? 0 : 1);
    },
  });
}

function registerFlagMetrics(registry: Registry, { flags, startedAtMs, now }: HealthMetricsParts): void {
  const registers = [registry];
  new Gauge({
    name: 'crossfade_flags_age_seconds',
    help: 'Since when the flag store has not confirmed the flags; since the start, when it never did.',
    registers,
    collect() {
      this.set(flags.snapshot().ageSeconds ?? (now() - startedAtMs) / 1000);
    },
  });
  new Counter({
    name: 'crossfade_flags_refresh_total',
    help: 'Looks at the flag store by how they ended.',
    labelNames: ['result'],
    registers,
    collect() {
      this.reset();
      const refreshes = flags.refreshes();
      for (const result of FLAG_REFRESH_RESULTS) this.inc({ result }, refreshes[result]);
    },
  });
  new Gauge({
    name: 'crossfade_flags_info',
    help: 'Always 1; the revision of the flags in use.',
    labelNames: ['revision'],
    registers,
    collect() {
      this.reset();
      this.set({ revision: flags.snapshot().revision ?? '' }, 1);
    },
  });
}

function registerKeyMetrics(registry: Registry, { validator }: HealthMetricsParts): void {
  const registers = [registry];
  new Counter({
    name: 'crossfade_keys_refresh_total',
    help: "Fetches of an issuer's keys by how they ended.",
    labelNames: ['side', 'result'],
    registers,
    collect() {
      this.reset();
      for (const { side, refreshes } of validator.keys()) {
        this.inc({ side, result: 'success' }, refreshes.success);
        this.inc({ side, result: 'failure' }, refreshes.failure);
      }
    },
  });
  new Gauge({
    name: 'crossfade_keys_age_seconds',
    help: "Since when an issuer's keys have not been fetched; absent until they were fetched once.",
    labelNames: ['side'],
    registers,
    collect() {
      this.reset();
      for (const { side, ageSeconds } of validator.keys()) if (ageSeconds !== null) this.set({ side }, ageSeconds);
    },
  });
}
