import { METRICS } from './metrics.ts';

/** One series of an instant vector. */
export interface InstantSample {
  readonly labels: Readonly<Record<string, string | undefined>>;
  readonly value: number;
}

/** Evaluates PromQL now. */
export type InstantQuery = (promql: string) => Promise<readonly InstantSample[]>;

/** The instances of a migration, each once. */
export interface FleetScope {
  /** How many there are. */
  readonly live: number;
  /**
   * Selects a metric of these instances; `by`: the labels that tell its series of one instance apart. `timestamp`: when each
   * was scraped in place of its value.
   */
  select(
    metric: { readonly name: string },
    labels?: string,
    by?: readonly string[],
    what?: 'value' | 'timestamp',
  ): string;
}

/**
 * Finds the instances that are scraped now. A process that two jobs scrape is one, and a collector that does not hear every
 * sender is none; where there is neither, every later query is spared the effort.
 */
export async function readFleetScope(
  query: InstantQuery,
  migration: string,
  without: readonly string[] = [],
): Promise<FleetScope> {
  const others = without.length === 0 ? '' : `,${instancesMatching(without, '!~')}`;
  const of = ({ name }: { readonly name: string }, labels = '') =>
    `${name}{migration="${migration}"${labels}${others}}`;
  const [build, start] = [of(METRICS.buildInfo), of(METRICS.processStart)];
  const older = `${build} unless on (job, instance) ${start}`;
  const count = async (promql: string) => (await query(`count(${promql})`))[0]?.value ?? 0;
  const [scraped, processes, deaf] = await Promise.all([
    count(build),
    count(`count by (process) (${start})`),
    count(`${of(METRICS.collectorWatches)} == 0`),
  ]);
  // As many processes as instances: none is older, and none is scraped twice.
  const unnamed = scraped === processes ? 0 : await count(`count by (instance) (${older})`);
  const isEachOnce = deaf === 0 && scraped === processes + unnamed;
  const selected = (metric: { readonly name: string }, labels = '', what = 'value') =>
    what === 'timestamp' ? `timestamp(${of(metric, labels)})` : of(metric, labels);
  if (isEachOnce) return { live: scraped, select: (metric, labels, _by, what) => selected(metric, labels, what) };
  const named = `max by (job, instance, process) (${start})`;
  const alias = `label_replace(max by (job, instance) (${older}), "process", "$1", "instance", "(.*)")`;
  const once = `topk by (process) (1, ${named} or ${alias}) unless on (job, instance) ${of(METRICS.collectorWatches)} == 0`;
  return {
    live: await count(once),
    select: (metric, labels, by = [], what = 'value') =>
      `(max by (${['job', 'instance', ...by].join(', ')}) (${selected(metric, labels, what)}) and on (job, instance) (${once}))`,
  };
}

/** Returns a label matcher for these instances alone, or for all others. */
export function instancesMatching(instances: readonly string[], operator: '=~' | '!~' = '=~'): string {
  const escaped = instances.map((name) => name.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`));
  return `instance${operator}${JSON.stringify(escaped.join('|'))}`;
}
