import type { MeterEvidence, MigrationPlan, Side } from '@crossfade/core';
import type { Fleet, FleetLook, MeterReading, MissingMeter } from './fleet.ts';
import { memoryMs, type PrometheusQueryName, prometheusQueries } from './prometheus-queries.ts';
import { createPrometheusQuery, type PrometheusQuery, type Sample } from './prometheus-query.ts';

/** Until Prometheus shows what a meter shows: one scrape at its default interval. */
const SCRAPE_LAG_MS = 60_000;

/**
 * The fleet as a Prometheus-compatible store remembers it. Only instances that are scraped now count as meters;
 * what instances that are gone have seen still counts, against every one of them. So a restart ends no watch: the watch
 * begins when enough of the expected instances were last *not* scraped. An instance without its `last_seen` series is
 * missing: silence about silence is no silence.
 *
 * Does not know what an instance saw between its last scrape and a crash, nor what is older than the store keeps.
 */
export function createPrometheusFleet(baseUrl: string, plan: MigrationPlan, signal: AbortSignal): Fleet {
  const query = createPrometheusQuery(baseUrl, signal);
  return { place: 'Prometheus', lagMs: SCRAPE_LAG_MS, look: (nowMs) => lookAt(query, plan, nowMs) };
}

async function lookAt(query: PrometheusQuery, plan: MigrationPlan, nowMs: number): Promise<FleetLook> {
  const answers = await askAll(query, plan);
  const watchedSinceMs = newestMs(answers('uncovered')) ?? nowMs - memoryMs(plan);
  const shared: SharedSightings = {
    legacy: {
      lastSeenMs: newestMs(answers('legacyLastSeen')),
      latestIssuedMs: newestMs(answers('legacyIssued')),
      latestExpiryMs: newestMs(answers('legacyExpiry')),
    },
    lastValidUnauthorizedMs: newestMs(answers('unauthorized')),
  };
  const readings: MeterReading[] = [];
  const missing: MissingMeter[] = [];
  for (const { labels } of answers('live')) {
    const own: Answers = (name) => answers(name).filter((sample) => isSameInstance(sample.labels, labels));
    const meter = labels['instance'] ?? 'an instance without a name';
    if (own('legacySeries').length > 0) readings.push(toReading(meter, own, watchedSinceMs, shared));
    else missing.push({ meter, why: 'tells no crossfade_last_seen_timestamp_seconds' });
  }
  return { expected: answers('expected')[0]?.value ?? null, readings, missing };
}

type Answers = (name: PrometheusQueryName) => readonly Sample[];

async function askAll(query: PrometheusQuery, plan: MigrationPlan): Promise<Answers> {
  const answers = new Map<string, readonly Sample[]>();
  const ask = async ([name, promql]: [string, string]) => answers.set(name, await query(promql));
  await Promise.all(Object.entries(prometheusQueries(plan)).map(ask));
  return (name) => answers.get(name) ?? [];
}

/** What any instance has seen, those that are gone included. */
type SharedSightings = Pick<MeterEvidence, 'legacy' | 'lastValidUnauthorizedMs'>;

function toReading(meter: string, own: Answers, watchedSinceMs: number, shared: SharedSightings): MeterReading {
  const targetLastSeenMs = newestMs(own('targetLastSeen'));
  const validUnauthorized = own('unauthorizedCount')[0]?.value ?? 0;
  return {
    evidence: { meter, watchedSinceMs, ...shared, target: { lastSeenMs: targetLastSeenMs } },
    accepts: acceptsOf(own('accepts'), targetLastSeenMs !== null && validUnauthorized === 0),
    issuancePercent: own('percent')[0]?.value ?? null,
    revision: own('revision')[0]?.labels['revision'] ?? null,
    stale: false,
    validUnauthorized,
  };
}

/**
 * An observing sidecar has no `crossfade_accepts`. Target tokens that its API took show that it takes target; what it
 * took of legacy in the past shows nothing of now.
 */
function acceptsOf(series: readonly Sample[], tookTarget: boolean): Record<Side, boolean> {
  if (series.length === 0) return { legacy: false, target: tookTarget };
  const accepts = (side: Side) => series.some(({ labels, value }) => labels['audience'] === side && value === 1);
  return { legacy: accepts('legacy'), target: accepts('target') };
}

function isSameInstance(one: Sample['labels'], other: Sample['labels']): boolean {
  return one['instance'] === other['instance'] && one['job'] === other['job'];
}

/** The newest of timestamps in seconds, in ms. A gauge that stands at 0 has seen nothing yet. */
function newestMs(samples: readonly Sample[]): number | null {
  const newest = Math.max(0, ...samples.map(({ value }) => value));
  return newest === 0 ? null : newest * 1000;
}
