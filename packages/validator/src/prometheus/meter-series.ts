import type { Durations } from '../meter/durations.ts';
import type { Meter } from '../meter/meter.ts';
import { durationSeries } from './duration-series.ts';
import { type HealthParts, healthSeries } from './health-series.ts';
import { type DependentPlan, dependenciesOf, planSeries, type WindowPlan } from './plan-series.ts';
import { type ProcessParts, processSeries } from './process-series.ts';
import type { Series } from './series.ts';
import { openConnectionSeries, trafficSeries } from './traffic-series.ts';

export interface MeterSeriesParts extends HealthParts, ProcessParts {
  readonly plan: WindowPlan & DependentPlan;
  readonly meter: Meter;
  readonly durations: Pick<Durations, 'histogram'>;
  /** Absent where the meter does not see how long an exchange takes. */
  readonly openConnections?: (() => Readonly<Record<'legacy' | 'target' | 'bridge', number>>) | undefined;
}

/** Every series of a process that counts, whether it is an API or a sidecar. */
export function meterSeries(parts: MeterSeriesParts): readonly Series[] {
  return [
    ...trafficSeries(parts.meter, dependenciesOf(parts.plan)),
    ...(parts.openConnections === undefined ? [] : [openConnectionSeries(parts.openConnections)]),
    durationSeries(parts.durations),
    ...healthSeries(parts),
    ...planSeries(parts.plan),
    ...processSeries(parts),
  ];
}
