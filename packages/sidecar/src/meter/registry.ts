import { type MeterSeriesParts, meterSeries, registerSeries } from '@crossfade/validator/meter';
import { Registry } from 'prom-client';

export interface RegistryParts extends MeterSeriesParts {
  readonly migration: string;
  readonly service: string;
}

/**
 * Creates a registry with every metric of the sidecar. Render it as text 0.0.4 only: rendering OpenMetrics makes prom-client
 * rename the counters of its own, such as a collector's, for good.
 */
export function createRegistry(parts: RegistryParts): Registry {
  const { migration, service } = parts;
  const registry = new Registry();
  registry.setDefaultLabels({ migration, service });
  registerSeries(registry, { migration, service }, meterSeries(parts));
  return registry;
}
