import type { Issuance, MigrationPlan, Minting } from '@crossfade/core';
import { METRICS } from '@crossfade/core/metrics';
import type { PrometheusQuery, Sample } from '../prometheus/prometheus-query.ts';

/** Two scrapes at the default interval: a shorter range holds no rise. */
const LEAST_WINDOW_MS = 120_000;

/** Returns how far back mints count, in ms: to the last move of issuance, and at most the slowest client's cycle. */
export function mintWindowMs({ gate }: Pick<MigrationPlan, 'gate'>, { sinceMs }: Issuance, nowMs: number): number {
  const sinceMoveMs = sinceMs === null ? gate.silenceMs : nowMs - sinceMs;
  return Math.max(LEAST_WINDOW_MS, Math.min(sinceMoveMs, gate.silenceMs));
}

/** Returns the instant queries about what the provider mints for clients that chose target: PromQL by name. */
export function mintQueries(
  { migration }: Pick<MigrationPlan, 'migration'>,
  windowMs: number,
): Readonly<Record<'mintSeries' | 'mints', string>> {
  const counter = `${METRICS.mints.name}{migration="${migration}",asked="target"}`;
  // Two jobs may scrape one instance.
  return {
    mintSeries: `count(${counter})`,
    mints: `sum by (service, minted) (max by (instance, service, minted) (${risen(counter, Math.ceil(windowMs / 1000))}))`,
  };
}

/**
 * How much a counter rose within a window, by whichever estimate is greatest: since the last sample before it, which counts a
 * counter that is born at 1, or began again, in full; by `increase`, which knows of restarts within it; and the highest
 * value of one that was born within it. A series that was only unscraped for up to an hour has a past.
 * @param endedSecondsAgo when the window ended.
 */
export function risen(counter: string, windowSeconds: number, endedSecondsAgo = 0): string {
  const window = `${windowSeconds}s`;
  // Prometheus refuses an offset of 0.
  const ended = endedSecondsAgo === 0 ? '' : ` offset ${endedSecondsAgo}s`;
  const last = `last_over_time(${counter}[${window}]${ended})`;
  const before = `last_over_time(${counter}[1h] offset ${endedSecondsAgo + windowSeconds}s)`;
  const estimates = {
    since: `${last} - (${before} <= ${last}) or ${last}`,
    restarts: `increase(${counter}[${window}]${ended})`,
    born: `max_over_time(${counter}[${window}]${ended}) unless ${before}`,
  };
  return Object.entries(estimates)
    .map(([name, promql]) => `label_replace(${promql}, "estimate", "${name}", "", "")`)
    .join(' or ');
}

/** Reads what the provider minted since issuance moved, as the metrics of clients tell. */
export async function readMinting(
  query: PrometheusQuery,
  plan: MigrationPlan,
  issuance: Issuance,
  nowMs: number,
): Promise<Minting> {
  const windowMs = mintWindowMs(plan, issuance, nowMs);
  const { mintSeries, mints } = mintQueries(plan, windowMs);
  const [series, counts] = await Promise.all([query(mintSeries), query(mints)]);
  // Clients that are gone counted, too.
  if (series.length === 0 && counts.length === 0) return { kind: 'uncounted' };
  const of = (minted: string) => counts.filter(({ labels }) => labels['minted'] === minted);
  const sum = (samples: readonly Sample[]) => samples.reduce((total, { value }) => total + whole(value), 0);
  const legacy = of('legacy').map(({ labels, value }) => [labels['service'] ?? 'unnamed', whole(value)] as const);
  return {
    kind: 'counted',
    windowMs,
    target: sum(of('target')),
    unknown: sum(of('unknown')),
    legacy: Object.fromEntries(legacy.filter(([, count]) => count > 0)),
  };
}

/** `increase` extrapolates to fractions. What rose at all counts. */
function whole(value: number): number {
  return value > 0 ? Math.max(1, Math.round(value)) : 0;
}
