import { type MigrationPlan, UnavailableError } from '@crossfade/core';
import { type FleetGroups, MAX_NAMED, METRICS, readFleetGroups } from '@crossfade/core/metrics';
import { readBrownoutRefusals } from '../prometheus/brownout-refusals.ts';
import type { PrometheusApi } from '../prometheus/prometheus-api.ts';
import { createPrometheusQuery, type PrometheusQuery, type Sample } from '../prometheus/prometheus-query.ts';
import { readRecordedDrain } from '../prometheus/recorded-drain.ts';
import { readRecordedSize } from '../prometheus/recorded-size.ts';
import type { Fleet, FleetPart, FleetSnapshot, MeterReading, MissingMeter, ReadFrame } from './fleet.ts';
import { asksForGone, fleetRequest } from './fleet-request.ts';
import { describeRest } from './fleet-size.ts';
import { readOpenConnections } from './open-connections.ts';
import { readMinting } from './prometheus-minting.ts';
import {
  expectedInstances,
  flagsQueries,
  instanceQueries,
  openConnectionsNow,
  pastQueries,
  recordedOpenConnections,
} from './prometheus-queries.ts';
import {
  isSameInstance,
  NOTHING,
  type QueryResults,
  readSilent,
  sharedSightings,
  toReading,
} from './prometheus-readings.ts';
import { readRates } from './request-rates.ts';
import { readStepEvidence } from './step-evidence.ts';

/** One scrape at the default interval: Prometheus lags this much behind a meter. */
const SCRAPE_LAG_MS = 60_000;

/**
 * The fleet in a Prometheus-compatible store. Instances that are scraped now count as meters. What is known of the drain are
 * the judgements and memories of the recording rules. An instance without its `last_seen` series is missing: an absent series
 * does not prove silence.
 *
 * A large fleet is read in groups of instances that are alike, and only those that need attention are read one by one. Does
 * not know what an instance saw between its last scrape and a crash.
 */
export function createPrometheusFleet(api: PrometheusApi, plan: MigrationPlan): Fleet {
  const query = createPrometheusQuery(api);
  return {
    source: 'Prometheus',
    lagMs: SCRAPE_LAG_MS,
    read: (nowMs, frame = {}) => readFleet(query, plan, nowMs, frame),
    presentMs: () => readPresentMs(query),
    minting: (issuance, nowMs) => readMinting(query, plan, issuance, nowMs),
    brownoutRefusals: (startedMs, nowMs) => readBrownoutRefusals(query, plan, nowMs - startedMs),
    step: (steppedMs, nowMs) => readStepEvidence(query, plan, steppedMs, nowMs),
    rates: () => readRates(query, plan),
  };
}

async function readPresentMs(query: PrometheusQuery): Promise<number> {
  const [present] = await query('vector(time())');
  if (present === undefined) throw new UnavailableError('Prometheus did not tell its time');
  return Math.floor(present.value * 1000);
}

async function readFleet(
  query: PrometheusQuery,
  plan: MigrationPlan,
  nowMs: number,
  frame: ReadFrame,
): Promise<FleetSnapshot> {
  const isAsked = (part: FleetPart) => frame.parts === undefined || frame.parts.includes(part);
  const [instances, recorded, expected] = await Promise.all([
    readInstances(query, plan, nowMs, frame),
    isAsked('drain') ? readRecordedDrain(query, plan, nowMs) : null,
    query(expectedInstances(plan)),
  ]);
  const isSmall = instances.kind === 'each';
  const [openConnections, past] = await Promise.all([
    isAsked('drain') ? readConnections(query, plan, isSmall) : [],
    isSmall || asksForGone(frame) ? runQueries(query, pastQueries(plan)) : NOTHING,
  ]);
  const results: QueryResults = (name) => [...instances.results(name), ...past(name)];
  const watchedSinceMs = recorded?.watchedSinceMs ?? nowMs;
  const shared = sharedSightings(recorded);
  const readings: MeterReading[] = [];
  const missing: MissingMeter[] = [];
  for (const { labels } of results('live')) {
    const of: QueryResults = (name) => results(name).filter((sample) => isSameInstance(sample.labels, labels));
    const meter = labels['instance'] ?? 'an instance without a label';
    // The counts are those of all instances: the first reading has them, so that they are not counted again.
    const isFirst = readings.every(({ evidence }) => evidence.disagreements === null);
    const seen = isFirst ? shared : { ...shared, disagreements: { ...shared.disagreements, reasons: {} } };
    if (of('legacySeries').length > 0) readings.push(toReading(meter, of, watchedSinceMs, seen, frame.shownSinceMs));
    else missing.push({ meter, why: SILENT_OF_LEGACY });
  }
  const expectedCount = expected[0]?.value ?? null;
  const each = isSmall && isSurplus(readings, expectedCount) ? eachProcessOnce(readings) : eachOnce(readings);
  const { groups } = instances;
  return {
    expected: expectedCount,
    readings: each,
    drain: recorded === null ? { kind: 'metered', meters: [] } : { kind: 'recorded', recorded },
    missing: groups === undefined ? missing : withRest(missing, groups.silentOfLegacy),
    silent: readSilent(results),
    openConnections: readOpenConnections(openConnections),
    ...(groups !== undefined && { groups }),
  };
}

/** What instances show: each, where they are few; else those that need a name, and groups of all if they are asked for. */
interface Instances {
  readonly kind: 'each' | 'groups' | 'none';
  readonly groups?: FleetGroups;
  readonly results: QueryResults;
}

async function readInstances(
  query: PrometheusQuery,
  plan: MigrationPlan,
  nowMs: number,
  frame: ReadFrame,
): Promise<Instances> {
  const isNoneAsked = frame.parts?.every((part) => part === 'drain') === true;
  if (isNoneAsked && (await readRecordedSize(query, plan.migration)) > MAX_NAMED)
    return { kind: 'none', results: NOTHING };
  const { groups, named } = await readFleetGroups(query, fleetRequest(plan, nowMs, frame));
  if (groups === null) return { kind: 'each', results: await runQueries(query, instanceQueries(plan)) };
  if (named.length === 0) return { kind: 'groups', groups, results: NOTHING };
  const areFlagsEnough = frame.parts?.every((part) => part === 'flags' || part === 'drain') === true;
  const queries = areFlagsEnough ? flagsQueries(plan, named) : instanceQueries(plan, named);
  const results = await runQueries(query, queries);
  return { kind: 'groups', groups, results };
}

const SILENT_OF_LEGACY = `has no series ${METRICS.lastSeen.name}`;

function withRest(missing: readonly MissingMeter[], all: number): readonly MissingMeter[] {
  const count = all - missing.length;
  if (count <= 0) return missing;
  return [...missing, { meter: describeRest(count, missing.length), why: SILENT_OF_LEGACY, count }];
}

/** Open connections of a small fleet are those of now, of a large one as the rules record them. */
async function readConnections(
  query: PrometheusQuery,
  plan: MigrationPlan,
  isSmall: boolean,
): Promise<readonly Sample[]> {
  return query(isSmall ? openConnectionsNow(plan) : recordedOpenConnections(plan));
}

/** A surplus stays visible: it makes the gate inconclusive. */
function isSurplus(readings: readonly MeterReading[], expected: number | null): boolean {
  return expected !== null && readings.length > expected;
}

/** An instance that two jobs scrape is one meter: it may not stand for one that is missing. */
function eachOnce(readings: readonly MeterReading[]): MeterReading[] {
  const once = eachProcessOnce(readings);
  const meters = once.map(({ evidence }) => evidence.meter);
  return once.filter((_reading, index) => meters.indexOf(meters[index] ?? '') === index);
}

function eachProcessOnce(readings: readonly MeterReading[]): MeterReading[] {
  const processes = readings.map(({ process }) => process);
  return readings.filter(({ process }, index) => process === undefined || processes.indexOf(process) === index);
}

async function runQueries(query: PrometheusQuery, queries: Readonly<Record<string, string>>): Promise<QueryResults> {
  const results = new Map<string, readonly Sample[]>();
  const runQuery = async ([name, promql]: [string, string]) => results.set(name, await query(promql));
  await Promise.all(Object.entries(queries).map(runQuery));
  return (name) => results.get(name) ?? [];
}
