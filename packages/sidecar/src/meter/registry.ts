import { Registry } from 'prom-client';
import { registerDurationMetric } from './duration-metric.ts';
import type { Durations } from './durations.ts';
import { type HealthMetricsParts, registerHealthMetrics } from './health-metrics.ts';
import type { Meter } from './meter.ts';
import type { OpenConnections } from './open-connections.ts';
import { type DependentPlan, dependenciesOf, registerPlanMetrics, type WindowPlan } from './plan-metrics.ts';
import { type ProcessMetricsParts, registerProcessMetrics } from './process-metrics.ts';
import { registerOpenConnections, registerTrafficMetrics } from './traffic-metrics.ts';

export interface RegistryParts extends HealthMetricsParts, ProcessMetricsParts {
  readonly plan: WindowPlan & DependentPlan;
  readonly migration: string;
  readonly service: string;
  readonly meter: Meter;
  readonly durations: Durations;
  /** Absent where the meter does not see how long an exchange takes. */
  readonly openConnections?: OpenConnections['counts'] | undefined;
}

/**
 * Creates a registry with every metric of the sidecar. Render it as text 0.0.4 only: rendering OpenMetrics makes prom-client
 * rename its counters for good.
 */
export function createRegistry(parts: RegistryParts): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ migration: parts.migration, service: parts.service });
  registerTrafficMetrics(registry, parts.meter, dependenciesOf(parts.plan));
  if (parts.openConnections !== undefined) registerOpenConnections(registry, parts.openConnections);
  registerDurationMetric(registry, parts.durations);
  registerHealthMetrics(registry, parts);
  registerPlanMetrics(registry, parts.plan);
  registerProcessMetrics(registry, parts);
  return registry;
}
