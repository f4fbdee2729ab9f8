import { ConfigError } from '@crossfade/core';
import type { MetricDefinition } from '@crossfade/core/metrics';

/** One value of a metric, at the moment of a scrape. */
export interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  /** Of a histogram, whose samples have names of their own. */
  readonly metricName?: string;
}

/** A metric that is read when it is scraped. */
export interface Series {
  readonly metric: MetricDefinition;
  read(): readonly Sample[];
}

/** The labels that each sample carries. */
export type ConstantLabels = Readonly<Record<'migration' | 'service', string>>;

/** What is needed of a `Registry` of prom-client, of either format. */
export interface SeriesRegistry {
  readonly contentType: string;
  getSingleMetric(name: string): unknown;
  registerMetric(metric: never): void;
}

interface Source {
  readonly labels: ConstantLabels;
  readonly read: Series['read'];
}

/** Shared by several copies of this package in one process. */
const SOURCES = Symbol.for('@crossfade/validator/prometheus sources');

/**
 * Registers series in a registry, each sample with the constant labels; the registry's default labels stay as they are.
 * The numbers are read at scrape time: counting never touches prom-client. Nothing of prom-client is imported, and its own
 * counters are not used: an OpenMetrics scrape renames those for good.
 * @throws {@link ConfigError} when the registry has a metric of such a name, or this migration, already; it then registers
 * nothing.
 */
export function registerSeries(
  registry: SeriesRegistry,
  labels: ConstantLabels,
  series: readonly Series[],
  subject = 'metrics',
): void {
  const problem = series.map(({ metric }) => conflictOf(registry, metric, labels)).find((found) => found !== undefined);
  if (problem !== undefined) throw new ConfigError(subject, [{ path: 'registry', message: problem }]);
  for (const { metric, read } of series) {
    const sources = sourcesOf(registry, metric) ?? registerMetric(registry, metric);
    sources.push({ labels, read });
  }
}

function sourcesOf(registry: SeriesRegistry, { name }: MetricDefinition): Source[] | undefined {
  return (registry.getSingleMetric(name) as { [SOURCES]?: Source[] } | undefined)?.[SOURCES];
}

function conflictOf(registry: SeriesRegistry, metric: MetricDefinition, labels: ConstantLabels): string | undefined {
  const { name } = metric;
  if (registry.getSingleMetric(name) === undefined) return undefined;
  const sources = sourcesOf(registry, metric);
  if (sources === undefined)
    return `has a metric ${name} of another program: use a registry of its own for one of the two`;
  const known = sources.find((source) => source.labels.migration === labels.migration);
  return (
    known &&
    `has the metrics of the migration ${labels.migration} (service ${known.labels.service}) already: create them once a process, and pass them to every adapter`
  );
}

/** Registers a metric without samples. prom-client reads `getForPromString` for a scrape, and `get` otherwise. */
function registerMetric(registry: SeriesRegistry, { name, help, type }: MetricDefinition): Source[] {
  const sources: Source[] = [];
  const read = async () => ({
    name: shownName(registry, name, type),
    help,
    type,
    aggregator: 'sum',
    values: sources.flatMap((source) =>
      source.read().map((sample) => ({ ...sample, labels: { ...sample.labels, ...source.labels } })),
    ),
  });
  const metric = {
    help,
    type,
    aggregator: 'sum',
    get: read,
    getForPromString: read,
    // What was counted stays counted.
    reset() {},
    [SOURCES]: sources,
  };
  // An OpenMetrics scrape assigns it, to drop `_total` for good.
  Object.defineProperty(metric, 'name', { enumerable: true, get: () => name, set() {} });
  registry.registerMetric(metric as never);
  return sources;
}

/** In OpenMetrics a counter is named without `_total`, which its samples get by prom-client. */
function shownName({ contentType }: SeriesRegistry, name: string, type: MetricDefinition['type']): string {
  const isOpenMetrics = contentType.startsWith('application/openmetrics-text');
  return isOpenMetrics && type === 'counter' ? name.replace(/_total$/, '') : name;
}
