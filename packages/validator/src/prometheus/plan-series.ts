import { DEPENDENCIES, type Dependency, drainWindowMs, type ObservationPlan, sessionHorizonMs } from '@crossfade/core';
import { METRICS } from '@crossfade/core/metrics';
import { one } from './samples.ts';
import type { Sample, Series } from './series.ts';

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

/** The windows of the plan, so that rules need no copied numbers and many migrations fit one Prometheus. */
export function planSeries(plan: WindowPlan): readonly Series[] {
  const windows = windowSamples(plan);
  return [
    { metric: METRICS.planSeconds, read: () => windows },
    { metric: METRICS.planCoverage, read: () => one(plan.gate.coverage) },
  ];
}

function windowSamples({ legacy, clockToleranceMs, gate }: WindowPlan): readonly Sample[] {
  const plan = legacy && { legacy, clockToleranceMs, gate };
  const windows = {
    blind: gate.blindMs,
    clock_tolerance: clockToleranceMs,
    ...(plan !== undefined && { drain_window: drainWindowMs(plan), session_horizon: sessionHorizonMs(plan) }),
  };
  return Object.entries(windows).map(([setting, ms]) => ({ labels: { setting }, value: ms / 1000 }));
}
