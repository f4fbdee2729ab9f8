import type { Issuance, MigrationPlan, Minting } from '@crossfade/core';
import { METRICS } from '@crossfade/core/metrics';
import type { PrometheusQuery, Sample } from '../prometheus/prometheus-query.ts';
import { LEAST_RECORDED_SECONDS, LOOK_BACK_SECONDS, recordedMean } from '../prometheus/recorded-window.ts';
import { risen } from '../prometheus/risen.ts';

/** Two scrapes at the default interval: a shorter range holds no rise. */
const LEAST_WINDOW_MS = 120_000;

/** Returns how far back mints count, in ms: to the last move of issuance, and at most the slowest client's cycle. */
export function mintWindowMs({ gate }: Pick<MigrationPlan, 'gate'>, { sinceMs }: Issuance, nowMs: number): number {
  const sinceMoveMs = sinceMs === null ? gate.silenceMs : nowMs - sinceMs;
  return Math.max(LEAST_WINDOW_MS, Math.min(sinceMoveMs, gate.silenceMs));
}

/** `recorded`: what the rules counted between the first minutes of the window and the last; absent from a short window. */
type MintQueryName = 'mintSeries' | 'mints' | 'mintsAtFirst' | 'mintsRecorded' | 'mintsSince';

/**
 * Returns the instant queries about what the provider mints for clients that chose target: PromQL by name.
 *
 * A recorded increase tells of five minutes. One that tells nothing of before the window ends five minutes after its begin,
 * so that it knows the first minutes, and the last, in part. The counters themselves know both: half of what they tell makes
 * up for it in the mean, and no token is left out.
 */
export function mintQueries(
  { migration }: Pick<MigrationPlan, 'migration'>,
  windowMs: number,
): Readonly<Partial<Record<MintQueryName, string>> & Record<'mintSeries' | 'mints', string>> {
  const counter = `${METRICS.mints.name}{migration="${migration}",asked="target"}`;
  const seconds = Math.ceil(windowMs / 1000);
  // Two jobs may scrape one instance.
  const counted = (range: number, endedSecondsAgo = 0) =>
    `sum by (service, minted) (max by (instance, service, minted) (${risen(counter, range, endedSecondsAgo)}))`;
  const mintSeries = `count(${counter})`;
  if (seconds <= LOOK_BACK_SECONDS) return { mintSeries, mints: counted(seconds) };
  const between = seconds - LOOK_BACK_SECONDS;
  const window = { seconds, endedSecondsAgo: 0 };
  const recorded = (name: string, labels: string, by: readonly string[]) =>
    recordedMean({ migration, name, labels, by }, window);
  const legacy = `${recorded('minted_legacy:increase5m', '', ['service'])} * ${between / LOOK_BACK_SECONDS}`;
  const others = recorded('mints:rate5m', ',asked="target",minted!="legacy"', ['service', 'minted']);
  return {
    mintSeries,
    mints: counted(LOOK_BACK_SECONDS),
    mintsAtFirst: counted(LOOK_BACK_SECONDS, between),
    mintsRecorded: `label_replace(${legacy}, "minted", "legacy", "", "") or ${others} * ${between}`,
    mintsSince: `time() - min(min_over_time(crossfade:evaluated:timestamp{migration="${migration}"}[${seconds}s]))`,
  };
}

/** Reads what the provider minted since issuance moved, as the metrics of clients tell. */
export async function readMinting(
  query: PrometheusQuery,
  plan: MigrationPlan,
  issuance: Issuance,
  nowMs: number,
): Promise<Minting> {
  const windowMs = mintWindowMs(plan, issuance, nowMs);
  const queries = mintQueries(plan, windowMs);
  const ask = async (name: MintQueryName) => {
    const promql = queries[name];
    return promql === undefined ? [] : query(promql);
  };
  const [series, last, first, recorded, [since]] = await Promise.all([
    ask('mintSeries'),
    ask('mints'),
    ask('mintsAtFirst'),
    ask('mintsRecorded'),
    ask('mintsSince'),
  ]);
  const counted = [...last, ...first, ...recorded];
  // Clients that are gone counted, too.
  if (series.length === 0 && counted.length === 0) return { kind: 'uncounted' };
  if (recorded.length === 0 && windowMs >= LEAST_RECORDED_SECONDS * 1000) return { kind: 'unrecorded', windowMs };
  const weight = queries.mintsRecorded === undefined ? 1 : 0.5;
  const sumOf = (minted: string, service?: string) => {
    const of = (samples: readonly Sample[]) =>
      samples
        .filter(({ labels }) => labels['minted'] === minted && (service === undefined || nameOf(labels) === service))
        .reduce((total, { value }) => total + value, 0);
    return whole(weight * (of(last) + of(first)) + of(recorded));
  };
  const services = [...new Set(counted.map(({ labels }) => nameOf(labels)))];
  const legacy = services.map((service) => [service, sumOf('legacy', service)] as const);
  return {
    kind: 'counted',
    // Rules that were loaded within the window know nothing of before.
    windowMs: Math.min(windowMs, Math.max(LEAST_WINDOW_MS, (since?.value ?? Number.POSITIVE_INFINITY) * 1000)),
    target: sumOf('target'),
    unknown: sumOf('unknown'),
    legacy: Object.fromEntries(legacy.filter(([, count]) => count > 0)),
  };
}

function nameOf({ service = 'unnamed' }: Sample['labels']): string {
  return service;
}

/** Rates are fractions. What rose at all counts. */
function whole(value: number): number {
  return value > 0 ? Math.max(1, Math.round(value)) : 0;
}
