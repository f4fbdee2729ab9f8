import { BAD_MOMENTS } from '@crossfade/core';
import { METRICS } from '@crossfade/core/metrics';

/** How many services are named at most. */
const NAMED = 20;
/** The series that have one value a migration: one query has them all. */
const SINGLE = [
  'drain_check:bool',
  'last:timestamp',
  'watched_since:timestamp',
  'unwatched_debt:seconds',
  'plan_longest:seconds',
  'plan_shortest_blind:seconds',
  'plan_highest_coverage:ratio',
] as const;

/** Returns the selector of a recorded series of a migration. */
type Recorded = (name: string) => string;

function recordedOf(migration: string): Recorded {
  return (name) => `crossfade:${name}{migration="${migration}"}`;
}

/** Puts a label on what an expression returns, so that one query has several answers. */
function part(of: string, promql: string): string {
  return `label_replace(${promql}, "of", "${of}", "", "")`;
}

/** Returns the query for the checks, the last moments, the watch and the windows: at most 30 series. */
export function drainQuery(migration: string): string {
  return `{__name__=~"crossfade:(${SINGLE.join('|')})", migration="${migration}"}`;
}

/** Returns the query for how long ago the rules were evaluated, in seconds, by the clock of Prometheus. */
export function evaluatedQuery(migration: string): string {
  return `time() - max(last_over_time(${recordedOf(migration)('evaluated:timestamp')}[1d]))`;
}

/** Returns the query for how many instances level 1 saw last. */
export function recordedSizeQuery(migration: string): string {
  return `sum(max by (service, cluster, shard) (${recordedOf(migration)('live_instances:count')}))`;
}

/** What is known once the first two queries were answered, in seconds. */
export interface RecordedSpan {
  readonly migration: string;
  /** By which the rules judge. */
  readonly windowSeconds: number;
  readonly clockToleranceSeconds: number;
  /** When the watch began. */
  readonly watchedSince: number;
  /** For how long it matters. */
  readonly watchedSeconds: number;
}

export type RecordedQueryName = 'services' | 'slowClocks' | 'began' | 'past' | 'reasons' | 'witnesses';

/** Returns the queries for what explains the checks. None returns over 100 series. */
export function explainingQueries(span: RecordedSpan): Readonly<Record<RecordedQueryName, string>> {
  const recorded = recordedOf(span.migration);
  const window = `[${Math.ceil(span.windowSeconds)}s:5m]`;
  const reason = (promql: string) => `sum by (reason) (${promql}) > 0`;
  return {
    services: servicesQuery(recorded, span.windowSeconds),
    slowClocks: `topk(${NAMED}, max by (service) (${recorded('clock_slow:seconds')}) > ${span.clockToleranceSeconds})`,
    began: beganQuery(recorded, span.watchedSince),
    past: pastQuery(recorded, Math.ceil(span.watchedSeconds)),
    // A rate is the mean of five minutes: at each of them it tells what happened since the one before. A counter that was just
    // born has none, and then the meters' own counts have to do.
    reasons: `${part('window', `300 * ${reason(`sum_over_time((max by (service, cluster, shard, reason) (${recorded('disagreements:rate5m')}))${window})`)}`)}
      or ${part('meters', reason(`${METRICS.disagreements.name}{migration="${span.migration}"}`))}`,
    witnesses: `count by (what) (${recorded('now:timestamp')}) or count by (migration) (${recorded('issuance:percent')})`,
  };
}

/** Asks for the services that lag most, with what is known of each, and how many lag. */
function servicesQuery(recorded: Recorded, windowSeconds: number): string {
  const each = (name: string) => `max by (service) (${recorded(name)})`;
  const [expected, watched] = [each('expected_instances:settled'), each('watched_instances:sum')];
  const seen = each('last_target_seen:timestamp');
  const blind = `sum by (service) (max by (service, cluster, shard) (${recorded('target_blind_instances:count')}))`;
  // The more of a service is unseen, the sooner it is named.
  const lags = [
    part('ratio', `1 - ${each('watched:ratio')} > 0`),
    part('none', `0 * (${expected} == 0) + 1`),
    part('unexpected', `0 * (${watched} unless on (service) ${expected}) + 1`),
    part('surplus', `0 * (${each('surplus_instances:count')} > 0) + 0.003`),
    part('blind', `0 * (${blind} > 0) + 0.001`),
    part('unseen', `0 * (time() - ${seen} >= ${windowSeconds}) + 0.002`),
    part('never', `0 * (${expected} unless on (service) ${seen} and on () count(${seen})) + 0.002`),
  ];
  const lag = `max by (service) (${lags.join(' or ')})`;
  const facts = [
    part('expected', expected),
    part('watched', watched),
    part('blind', blind),
    part('target_seen', seen),
  ].join(' or ');
  return `(${facts}) and on (service) topk(${NAMED}, ${lag}) or ${part('lagging', `count(${lag})`)}`;
}

/** Asks why the watch began: what was missing then, and when the rules were evaluated before. */
function beganQuery(recorded: Recorded, watchedSince: number): string {
  const at = (seconds: number) => `@ ${seconds.toFixed(3)}`;
  const missing = `topk(${NAMED}, 1 - max by (service) (${recorded('watched:ratio')} ${at(watchedSince)}) > 0)`;
  const before = `max(last_over_time(${recorded('evaluated:timestamp')}[1d] ${at(watchedSince - 0.001)}))`;
  return `${part('missing', missing)} or ${part('evaluated', before)}`;
}

/** Asks for unwatched seconds and for processes that ended unscraped. Each loss is there for five minutes: every five it is one. */
function pastQuery(recorded: Recorded, seconds: number): string {
  const losses = `sum(max by (service, cluster, shard) (${recorded('lost_instances:count5m')}))`;
  return `${part('unwatched', `max(sum_over_time(${recorded('unwatched:seconds')}[${seconds}s]))`)}
    or ${part('losses', `sum_over_time((${losses})[${seconds}s:5m])`)}`;
}

/** Returns the query for what there is where the rules tell nothing: whether meters are scraped, and which level recorded. */
export function hintsQuery(migration: string): string {
  const recorded = recordedOf(migration);
  const raw = (name: string) => `${name}{migration="${migration}"}`;
  return [
    part('level_1', 'count(crossfade:level_1:timestamp)'),
    part('level_1_plan', `count(${recorded('plan_blind:seconds')})`),
    part('level_1_issuance', `count(${recorded('issuance:percent')})`),
    part('level_2', `count(${recorded('expected_instances:settled')})`),
    part('instances', `sum(${recorded('live_instances:count')})`),
    part('meters', `count(${raw(METRICS.buildInfo.name)})`),
    part('plans', `count(${raw(METRICS.planSeconds.name)})`),
  ].join(' or ');
}

/** What the level 1 of the rules has to record, so that the fleet counts as watched. */
export const WITNESSES = BAD_MOMENTS.filter(
  (what) => !['legacy_counted', 'after_close_counted', 'issuance_below_100'].includes(what),
);
