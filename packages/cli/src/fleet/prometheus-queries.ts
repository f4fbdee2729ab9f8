import type { MigrationPlan } from '@crossfade/core';
import { liveInstances, METRICS } from '@crossfade/core/metrics';
import { flagsTakeMs } from './fleet-evidence.ts';

/** Prometheus returns the last sample of an instance that is gone for up to five minutes. */
const SILENT_AFTER_MS = 300_000;

export type PrometheusQueryName =
  | 'live'
  | 'expected'
  | 'legacySeries'
  | 'targetLastSeen'
  | 'unauthorizedCount'
  | 'disagreementSeries'
  | 'responses'
  | 'pastAccepts'
  | 'pastResponses'
  | 'openConnections'
  | 'accepts'
  | 'flags'
  | 'percent';

/** Returns the instant queries about a migration: PromQL by name. */
export function prometheusQueries(plan: MigrationPlan): Readonly<Record<PrometheusQueryName, string>> {
  const of = (labels = '') => `{migration="${plan.migration}"${labels}}`;
  const each = (promql: string, more = '') => `max by (job, instance${more}) (${promql})`;
  const past = `${Math.ceil((flagsTakeMs(plan) + SILENT_AFTER_MS) / 1000)}s`;
  const unauthorized = `${METRICS.validUnauthorized.name}${of()}`;
  const live = liveInstances(plan.migration);
  const expected = `sum(crossfade:expected_instances:sum${of()})`;
  return {
    live,
    expected,
    legacySeries: each(`${METRICS.lastSeen.name}${of(',audience="legacy"')}`),
    targetLastSeen: each(`${METRICS.lastSeen.name}${of(',audience="target"')}`),
    unauthorizedCount: `sum by (job, instance) (${unauthorized})`,
    disagreementSeries: each(`${METRICS.lastDisagreement.name}${of()}`, ', token'),
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
