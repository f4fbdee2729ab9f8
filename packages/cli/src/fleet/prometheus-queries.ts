import type { MigrationPlan } from '@crossfade/core';
import { instancesMatching, liveInstances, MAX_NAMED, METRICS } from '@crossfade/core/metrics';
import { offsetOf } from '../prometheus/recorded-window.ts';
import { flagsTakeMs } from './fleet-evidence.ts';

/** Prometheus returns the last sample of an instance that is gone for up to five minutes. */
const SILENT_AFTER_MS = 300_000;

/** What is read of each of at most {@link MAX_NAMED} instances. */
export type InstanceQueryName =
  | 'live'
  | 'legacySeries'
  | 'targetLastSeen'
  | 'unauthorizedCount'
  | 'disagreementSeries'
  | 'responses'
  | 'accepts'
  | 'flags'
  | 'flagsShown'
  | 'percent'
  | 'process';
/** What is read of the fleet as a whole, however large it is. */
export type FleetQueryName = 'expected' | 'openConnections';
/** What instances showed last that are scraped no more. */
export type PastQueryName = 'pastAccepts' | 'pastResponses';
export type PrometheusQueryName = InstanceQueryName | FleetQueryName | PastQueryName;
type Queries<Name extends string> = Readonly<Record<Name, string>>;

const each = (promql: string, more = '') => `max by (job, instance${more}) (${promql})`;

/** Returns the queries about each instance; `named`: those of a large fleet that are read one by one. */
export function instanceQueries(
  { migration }: Pick<MigrationPlan, 'migration'>,
  named?: readonly string[],
): Queries<InstanceQueryName> {
  const only = named === undefined ? '' : `,${instancesMatching(named)}`;
  const of = (metric: { readonly name: string }, labels = '') =>
    `${metric.name}{migration="${migration}"${labels}${only}}`;
  return {
    live: named === undefined ? liveInstances(migration) : each(of(METRICS.buildInfo)),
    legacySeries: each(of(METRICS.lastSeen, ',audience="legacy"')),
    targetLastSeen: each(of(METRICS.lastSeen, ',audience="target"')),
    unauthorizedCount: `sum by (job, instance) (${of(METRICS.validUnauthorized)})`,
    disagreementSeries: each(of(METRICS.lastDisagreement), ', token'),
    responses: each(of(METRICS.apiResponse), ', audience, response'),
    accepts: each(of(METRICS.accepts), ', audience'),
    flags: each(of(METRICS.flagsInfo), ', revision, source, hash'),
    flagsShown: each(`timestamp(${of(METRICS.flagsInfo)})`),
    percent: each(of(METRICS.issuancePercent)),
    process: each(of(METRICS.processStart), ', process'),
  };
}

/** Returns the queries about the flags of instances that are read one by one, and whether each is a meter. */
export function flagsQueries(
  plan: Pick<MigrationPlan, 'migration'>,
  named: readonly string[],
): Queries<'live' | 'legacySeries' | 'accepts' | 'flags' | 'flagsShown' | 'percent' | 'process'> {
  const { live, legacySeries, accepts, flags, flagsShown, percent, process } = instanceQueries(plan, named);
  return { live, legacySeries, accepts, flags, flagsShown, percent, process };
}

/** Returns the query for how many instances there should be. Two servers that record the same count once, as in the rules. */
export function expectedInstances({ migration }: Pick<MigrationPlan, 'migration'>): string {
  return `sum(max by (service, cluster) (crossfade:expected_instances:sum{migration="${migration}"}))`;
}

/** Returns the query about the open connections of each instance. */
export function openConnectionsNow({ migration }: Pick<MigrationPlan, 'migration'>): string {
  return `sum by (audience) (max by (instance, audience) (${METRICS.openConnections.name}{migration="${migration}"}))`;
}

/** Returns the query about open connections that asks no instance. */
export function recordedOpenConnections({ migration }: Pick<MigrationPlan, 'migration'>): string {
  const recorded = `crossfade:open_connections:sum{migration="${migration}"}`;
  return `sum by (audience) (max by (service, cluster, shard, audience) (${recorded}))`;
}

/** No range of what instances show is longer. */
const MAX_RANGE_SECONDS = SILENT_AFTER_MS / 1000;

/**
 * Returns the queries about instances that are scraped no more and last showed that they refuse legacy: a rollback after a
 * close may wait for them.
 */
export function pastQueries(plan: MigrationPlan): Queries<PastQueryName> {
  const pastSeconds = Math.ceil((flagsTakeMs(plan) + SILENT_AFTER_MS) / 1000);
  const offsets = Array.from({ length: Math.ceil(pastSeconds / MAX_RANGE_SECONDS) }, (_, n) => n * MAX_RANGE_SECONDS);
  const of = (name: string, labels = '') => `${name}{migration="${plan.migration}"${labels}}`;
  // Of two ranges that know a series, the first is the later one.
  const last = (name: string, labels: string) =>
    `(${offsets.map((ago) => `last_over_time(${of(name, `,audience="legacy"${labels}`)}[${Math.min(MAX_RANGE_SECONDS, pastSeconds - ago)}s]${offsetOf(ago)})`).join(' or ')})`;
  const responses = (response: string) => last(METRICS.apiResponse.name, `,response="${response}"`);
  const gone = (promql: string) =>
    `topk(${MAX_NAMED}, ${promql} unless on (job, instance) ${of(METRICS.buildInfo.name)})`;
  return {
    pastAccepts: gone(`(${last(METRICS.accepts.name, '')} == 0)`),
    pastResponses: gone(`(${responses('unauthorized')} >= ignoring (response) ${responses('accepted')} > 0)`),
  };
}
