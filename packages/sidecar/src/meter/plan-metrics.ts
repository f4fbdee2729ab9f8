import { DEPENDENCIES, type Dependency, drainWindowMs, type ObservationPlan, sessionHorizonMs } from '@crossfade/core';
import { METRICS } from '@crossfade/core/metrics';
import { Gauge, type Registry } from 'prom-client';
import { metricOptions } from './metric-options.ts';

export type DependentPlan = Pick<ObservationPlan, 'legacy' | 'target' | 'revocation' | 'sidecar'>;

export type WindowPlan = Pick<ObservationPlan, 'legacy' | 'clockToleranceMs'> & {
  readonly gate: Pick<ObservationPlan['gate'], 'silenceMs' | 'coverage' | 'blindMs'>;
};

/** What judging depends on by this plan. */
export function dependenciesOf({ legacy, target, revocation, sidecar }: DependentPlan): readonly Dependency[] {
  const introspects = legacy?.introspection !== undefined || target?.introspection !== undefined;
  const uses: Readonly<Record<Dependency, boolean>> = {
    keys: true,
    introspection: introspects,
    revocation: revocation !== undefined,
    exchange: sidecar?.exchange !== undefined,
  };
  return DEPENDENCIES.filter((dependency) => uses[dependency]);
}

/** Registers the windows of the plan, so that rules need no copied numbers and many migrations fit one Prometheus. */
export function registerPlanMetrics(registry: Registry, { legacy, clockToleranceMs, gate }: WindowPlan): void {
  const registers = [registry];
  const windows = new Gauge({ ...metricOptions(METRICS.planSeconds), registers });
  windows.set({ setting: 'blind' }, gate.blindMs / 1000);
  windows.set({ setting: 'clock_tolerance' }, clockToleranceMs / 1000);
  if (legacy !== undefined) {
    const plan = { legacy, clockToleranceMs, gate };
    windows.set({ setting: 'drain_window' }, drainWindowMs(plan) / 1000);
    windows.set({ setting: 'session_horizon' }, sessionHorizonMs(plan) / 1000);
  }
  new Gauge({ ...metricOptions(METRICS.planCoverage), registers }).set(gate.coverage);
}
