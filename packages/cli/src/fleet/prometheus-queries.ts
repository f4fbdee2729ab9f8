import { drainWindowMs, type MigrationPlan, sessionHorizonMs } from '@crossfade/core';
import { liveInstances, METRICS } from '@crossfade/core/metrics';
import { flagsTakeMs } from './fleet-evidence.ts';

/** The step of subqueries. */
const MINUTE_MS = 60_000;
/** Prometheus returns the last sample of an instance that is gone for up to five minutes. */
const SILENT_AFTER_MS = 300_000;

export type PrometheusQueryName =
  | 'live'
  | 'expected'
  | 'uncovered'
  | 'legacySeries'
  | 'legacyLastSeen'
  | 'legacyIssued'
  | 'legacyExpiry'
  | 'targetLastSeen'
  | 'unauthorized'
  | 'unauthorizedCount'
  | 'disagreementSeries'
  | 'disagreementTimes'
  | 'disagreementReasons'
  | 'responses'
  | 'pastAccepts'
  | 'pastResponses'
  | 'openConnections'
  | 'accepts'
  | 'flags'
  | 'percent';

/** Returns how far back evidence matters, in ms: the drain window, or a session that outlives it. */
export function memoryMs(plan: MigrationPlan): number {
  return Math.max(drainWindowMs(plan), sessionHorizonMs(plan)) + MINUTE_MS;
}

/** Returns the instant queries about a migration: PromQL by name. */
export function prometheusQueries(plan: MigrationPlan): Readonly<Record<PrometheusQueryName, string>> {
  const of = (labels = '') => `{migration="${plan.migration}"${labels}}`;
  const each = (promql: string, more = '') => `max by (job, instance${more}) (${promql})`;
  const range = `${Math.ceil(memoryMs(plan) / 1000)}s`;
  const window = `${Math.ceil(drainWindowMs(plan) / 1000)}s`;
  const past = `${Math.ceil((flagsTakeMs(plan) + SILENT_AFTER_MS) / 1000)}s`;
  const everSeen = (metric: string) => `max(max_over_time(${metric}${of(',audience="legacy"')}[${range}]))`;
  const unauthorized = `${METRICS.validUnauthorized.name}${of()}`;
  const unjudged = `${METRICS.unavailable.name}${of()}`;
  const live = liveInstances(plan.migration);
  const expected = `sum(crossfade:expected_instances:sum${of()})`;
  return {
    live,
    expected,
    // Present at every step at which too few instances were scraped, the expected number was unknown, or a token could
    // not be judged. An instance that two jobs scrape is one.
    uncovered: `max_over_time(timestamp(vector(1) unless on () (count(max by (instance) (${live})) >= ${plan.gate.coverage} * ${expected} unless on () ${rose(unjudged)}))[${range}:1m])`,
    legacySeries: each(`${METRICS.lastSeen.name}${of(',audience="legacy"')}`),
    legacyLastSeen: everSeen(METRICS.lastSeen.name),
    legacyIssued: everSeen(METRICS.latestIssued.name),
    legacyExpiry: everSeen(METRICS.latestExpiry.name),
    targetLastSeen: each(`${METRICS.lastSeen.name}${of(',audience="target"')}`),
    unauthorized: `max(max_over_time(timestamp(${rose(unauthorized)})[${window}:1m]))`,
    unauthorizedCount: `sum by (job, instance) (${unauthorized})`,
    disagreementSeries: each(`${METRICS.lastDisagreement.name}${of()}`, ', token'),
    disagreementTimes: `max by (token) (max_over_time(${METRICS.lastDisagreement.name}${of()}[${window}]))`,
    disagreementReasons: `sum by (reason) (${increase(`${METRICS.disagreements.name}${of()}`, window)})`,
    responses: each(`${METRICS.apiResponse.name}${of()}`, ', audience, response'),
    // What instances showed last that are scraped no more: a rollback after a close may wait for them.
    pastAccepts: each(`last_over_time(${METRICS.accepts.name}${of(',audience="legacy"')}[${past}])`),
    pastResponses: each(
      `last_over_time(${METRICS.apiResponse.name}${of(',audience="legacy"')}[${past}])`,
      ', response',
    ),
    openConnections: `sum by (audience) (max by (instance, audience) (${METRICS.openConnections.name}${of()}))`,
    accepts: each(`${METRICS.accepts.name}${of()}`, ', audience'),
    flags: each(`${METRICS.flagsInfo.name}${of()}`, ', revision, source, hash'),
    percent: each(`${METRICS.issuancePercent.name}${of()}`),
  };
}

/** How much a counter rose within a range, instances that are gone included; a series without a past counts in full. */
function increase(counter: string, range: string): string {
  return `(max_over_time(${counter}[${range}]) unless ${counter} offset ${range}) or increase(${counter}[${range}])`;
}

/**
 * Present where a counter rose within five minutes. `increase` misses a counter that starts above 0, so a series without
 * a past counts in full.
 */
function rose(counter: string): string {
  return `(sum((${counter} unless ${counter} offset 5m) or increase(${counter}[5m])) > 0)`;
}
