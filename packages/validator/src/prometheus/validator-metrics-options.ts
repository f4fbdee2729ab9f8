import cluster from 'node:cluster';
import { type Clock, ConfigError, type FlagSource, type ObservationPlan } from '@crossfade/core';
import { customOption, expected, schemaProblems, serviceName } from '@crossfade/core/schema';
import type { OpenMetricsContentType, Registry } from 'prom-client';
import { z } from 'zod';
import type { Validator } from '../judge/validator.ts';
import type { SeriesRegistry } from './series.ts';

/** The parts of a plan that are shown, or that decide what counts. */
export type MetricsPlan = Pick<
  ObservationPlan,
  'migration' | 'legacy' | 'target' | 'clockToleranceMs' | 'revocation'
> & {
  readonly gate: Pick<ObservationPlan['gate'], 'silenceMs' | 'coverage' | 'blindMs' | 'acknowledged'>;
};

/** Options of {@link createValidatorMetrics}. */
export interface ValidatorMetricsOptions {
  /** The API's own registry, in either format: its scrape shows the series. */
  readonly registry: Registry | Registry<OpenMetricsContentType>;
  /** The migration plan that the validator was created from: its windows are part of what the gate reads. */
  readonly plan: MetricsPlan;
  /** Names the API, as `sidecar.service` would: the expected instances are counted by it. */
  readonly service: string;
  /** The validator of the API. */
  readonly validator: Pick<Validator, 'acceptance' | 'keys' | 'loadKeys'>;
  /** The flags that the validator's acceptance switch reads. */
  readonly flags: Pick<FlagSource, 'snapshot' | 'refreshes'>;
  /**
   * Required in a worker of `node:cluster`, where workers share a port and a scrape of it meets one of many: `own-target` says
   * that each worker is a target of its own, on a port of its own. Absent: refused there.
   */
  readonly clusterWorker?: 'own-target';
  /** Default: `Date.now`. */
  readonly now?: Clock;
}

const WORKER =
  'is required in a cluster worker, where a scrape of the shared port meets one of many: give each worker a port of its own, scrape each, and set clusterWorker to own-target; or count in a sidecar';

const hasMethods =
  (...methods: readonly string[]) =>
  (value: unknown) =>
    typeof value === 'object' &&
    value !== null &&
    methods.every((method) => typeof (value as Record<string, unknown>)[method] === 'function');

function schemaOf(inClusterWorker: boolean) {
  return z.strictObject({
    registry: customOption<SeriesRegistry>(
      hasMethods('registerMetric', 'getSingleMetric'),
      'a Registry of prom-client: npm install prom-client',
    ),
    plan: customOption<MetricsPlan>(isPlan, 'a migration plan, as parsePlan returns it'),
    service: serviceName(),
    validator: customOption<ValidatorMetricsOptions['validator']>(
      hasMethods('acceptance', 'keys', 'loadKeys'),
      'a validator, with acceptance, keys and loadKeys',
    ),
    flags: customOption<ValidatorMetricsOptions['flags']>(
      hasMethods('snapshot', 'refreshes'),
      'a flag source, as openFlagSource returns it',
    ),
    clusterWorker: inClusterWorker
      ? z.literal('own-target', WORKER)
      : z.literal('own-target', expected('own-target')).optional(),
    now: customOption<Clock>((value) => typeof value === 'function', 'a function').optional(),
  });
}

/**
 * Checks the options.
 * @param inClusterWorker whether this process is a worker of `node:cluster`.
 * @throws {@link ConfigError} with every problem.
 */
export function readMetricsOptions(options: ValidatorMetricsOptions, inClusterWorker = cluster.isWorker) {
  const schema = schemaOf(inClusterWorker);
  const parsed = schema.safeParse(options);
  if (!parsed.success) throw new ConfigError('validator metrics', schemaProblems(parsed.error, schema));
  return parsed.data;
}

function isPlan(value: unknown): boolean {
  const plan = value as Partial<MetricsPlan> | null | undefined;
  return (
    typeof plan?.migration === 'string' &&
    typeof plan.clockToleranceMs === 'number' &&
    typeof plan.gate?.blindMs === 'number'
  );
}
