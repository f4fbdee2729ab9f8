import {
  BAD_MOMENTS,
  DRAIN_CHECKS,
  drainWindowMs,
  type MigrationPlan,
  type RecordedDrain,
  type RecordedService,
  type RecordedWindows,
  type RulesMissing,
  sessionHorizonMs,
  type WatchBegan,
} from '@crossfade/core';
import type { PrometheusQuery, Sample } from './prometheus-query.ts';
import {
  drainQuery,
  evaluatedQuery,
  explainingQueries,
  hintsQuery,
  type RecordedQueryName,
  WITNESSES,
} from './recorded-queries.ts';

/** A watch that has just begun has a past, too. */
const LEAST_SPAN_SECONDS = 300;

/**
 * Reads what the recording rules remember of a migration: instant queries about recorded series, whatever the number of
 * instances. Does not read the flag store.
 */
export async function readRecordedDrain(
  query: PrometheusQuery,
  plan: MigrationPlan,
  nowMs: number,
): Promise<RecordedDrain> {
  const { migration } = plan;
  const [series, [evaluated]] = await Promise.all([query(drainQuery(migration)), query(evaluatedQuery(migration))]);
  const windows = windowsOf(series);
  const since = newest(named(series, 'watched_since:timestamp'));
  const ofPlan = { drainWindowMs: drainWindowMs(plan), sessionHorizonMs: sessionHorizonMs(plan) };
  const { drainWindowMs: windowMs, sessionHorizonMs: horizonMs } = windows ?? ofPlan;
  const watchedSince = since ?? nowMs / 1000;
  const watchedSeconds = Math.min(
    Math.max(nowMs / 1000 - watchedSince, LEAST_SPAN_SECONDS),
    Math.max(windowMs, horizonMs) / 1000,
  );
  const queries = explainingQueries({
    migration,
    windowSeconds: windowMs / 1000,
    clockToleranceSeconds: (windows?.clockToleranceMs ?? plan.clockToleranceMs) / 1000,
    watchedSince,
    watchedSeconds,
  });
  const isLate = evaluated === undefined || windows === null || evaluated.value * 1000 > windows.blindMs;
  const [results, hints] = await Promise.all([
    runQueries(query, queries),
    isLate ? query(hintsQuery(migration)) : Promise.resolve([]),
  ]);
  const unwatched = newest(ofPart(results.past, 'unwatched'));
  const debt = newest(named(series, 'unwatched_debt:seconds'));
  const began = since === null ? undefined : beganOf(results.began, since, windows?.blindMs ?? plan.gate.blindMs);
  return {
    checks: checksOf(series),
    last: lastOf(series),
    silent: silentOf(results.witnesses),
    watchedSinceMs: inMs(since),
    ...(began !== undefined && { watchBegan: began }),
    debtMs: inMs(debt),
    unwatchedShare: unwatched === null ? null : Math.min(1, unwatched / watchedSeconds),
    losses: Math.round(newest(ofPart(results.past, 'losses')) ?? 0),
    ...servicesOf(results.services),
    slowClocks: results.slowClocks.map(({ labels, value }) => ({ service: nameOf(labels), byMs: value * 1000 })),
    windows,
    disagreementReasons: reasonsOf(results.reasons),
    rules: rulesOf(evaluated, hints, isLate, nowMs),
  };
}

type Results = Readonly<Record<RecordedQueryName, readonly Sample[]>>;

async function runQueries(query: PrometheusQuery, queries: Readonly<Record<RecordedQueryName, string>>) {
  const run = async ([name, promql]: [string, string]) => [name, await query(promql)] as const;
  return Object.fromEntries(await Promise.all(Object.entries(queries).map(run))) as Results;
}

/** Two Prometheus that evaluate the same rules have each series twice. */
function named(series: readonly Sample[], name: string): readonly Sample[] {
  return series.filter(({ labels }) => labels['__name__'] === `crossfade:${name}`);
}

function ofPart(samples: readonly Sample[], of: string): readonly Sample[] {
  return samples.filter(({ labels }) => labels['of'] === of);
}

function newest(samples: readonly Sample[]): number | null {
  return samples.length === 0 ? null : Math.max(...samples.map(({ value }) => value));
}

function inMs(seconds: number | null): number | null {
  return seconds === null ? null : Math.round(seconds * 1000);
}

function nameOf({ service = 'a service without a label' }: Sample['labels']): string {
  return service;
}

function checksOf(series: readonly Sample[]): RecordedDrain['checks'] {
  const known = DRAIN_CHECKS.flatMap((name) => {
    const values = named(series, 'drain_check:bool').filter(({ labels }) => labels['check'] === name);
    return values.length === 0 ? [] : [[name, values.every(({ value }) => value === 1)] as const];
  });
  return Object.fromEntries(known);
}

/** A timestamp of 0 is never. */
function lastOf(series: readonly Sample[]): RecordedDrain['last'] {
  const known = BAD_MOMENTS.flatMap((what) => {
    const last = newest(named(series, 'last:timestamp').filter(({ labels }) => labels['what'] === what));
    return last === null ? [] : [[what, last === 0 ? null : inMs(last)] as const];
  });
  return Object.fromEntries(known);
}

function windowsOf(series: readonly Sample[]): RecordedWindows | null {
  const longest = (setting: string) =>
    inMs(newest(named(series, 'plan_longest:seconds').filter(({ labels }) => labels['setting'] === setting)));
  const [window, horizon, tolerance] = [
    longest('drain_window'),
    longest('session_horizon'),
    longest('clock_tolerance'),
  ];
  const blind = inMs(newest(named(series, 'plan_shortest_blind:seconds')));
  const coverage = newest(named(series, 'plan_highest_coverage:ratio'));
  if (window === null || horizon === null || tolerance === null || blind === null || coverage === null) return null;
  return {
    drainWindowMs: window,
    sessionHorizonMs: horizon,
    clockToleranceMs: tolerance,
    blindMs: blind,
    coverage,
  };
}

function silentOf(witnesses: readonly Sample[]): readonly string[] {
  const spoken = witnesses.map(({ labels }) => labels['what'] ?? 'issuance');
  return [...WITNESSES, 'issuance'].filter((what) => !spoken.includes(what));
}

function beganOf(samples: readonly Sample[], since: number, blindMs: number): WatchBegan | undefined {
  const missing = ofPart(samples, 'missing');
  if (missing.length > 0) return { because: 'missing', services: missing.map(({ labels }) => nameOf(labels)) };
  const before = newest(ofPart(samples, 'evaluated'));
  if (before === null) return { because: 'first' };
  const stoppedMs = (since - before) * 1000;
  return stoppedMs > blindMs ? { because: 'stopped', forMs: stoppedMs } : undefined;
}

function servicesOf(samples: readonly Sample[]): Pick<RecordedDrain, 'services' | 'moreServices'> {
  const names = [...new Set(samples.flatMap(({ labels }) => labels['service'] ?? []))];
  const services = names.map((service): RecordedService => {
    const own = (of: string) => newest(ofPart(samples, of).filter(({ labels }) => labels['service'] === service));
    const seen = own('target_seen');
    return {
      service,
      expected: own('expected'),
      watched: own('watched') ?? 0,
      blind: own('blind') ?? 0,
      ...(seen !== null && { targetLastSeenMs: seen === 0 ? null : inMs(seen) }),
    };
  });
  const lagging = newest(ofPart(samples, 'lagging')) ?? services.length;
  return { services, moreServices: Math.max(0, lagging - services.length) };
}

/** The counts within the window; those of the meters where no rate knows of any. */
function reasonsOf(samples: readonly Sample[]): RecordedDrain['disagreementReasons'] {
  const within = ofPart(samples, 'window');
  const counted = within.length > 0 ? within : ofPart(samples, 'meters');
  return Object.fromEntries(counted.map(({ labels, value }) => [labels['reason'] ?? 'unknown', Math.ceil(value)]));
}

function rulesOf(
  evaluated: Sample | undefined,
  hints: readonly Sample[],
  isLate: boolean,
  nowMs: number,
): RecordedDrain['rules'] {
  const count = (of: string) => newest(ofPart(hints, of)) ?? 0;
  if (isLate && count('meters') + count('instances') === 0) return { missing: 'no_meters' };
  // By the clock of Prometheus: this one may differ.
  if (evaluated !== undefined) return { evaluatedMs: nowMs - evaluated.value * 1000 };
  return { missing: missingOf(count) };
}

function missingOf(count: (of: string) => number): RulesMissing {
  const hasLevel1 = count('level_1') + count('level_1_plan') + count('level_1_issuance') > 0;
  if (!hasLevel1) return count('level_2') > 0 ? 'half_loaded' : 'not_loaded';
  return count('level_1_plan') + count('plans') > 0 ? 'half_loaded' : 'old_sidecars';
}
