import type { Disagreements, MeterEvidence, MigrationPlan, RecordedDrain, Side, SideResponses } from '@crossfade/core';
import { METRICS, readFleetGroups } from '@crossfade/core/metrics';
import type { PrometheusApi } from '../prometheus/prometheus-api.ts';
import { createPrometheusQuery, type PrometheusQuery, type Sample } from '../prometheus/prometheus-query.ts';
import { readRecordedDrain } from '../prometheus/recorded-drain.ts';
import { readBrownoutRefusals } from './brownout-refusals.ts';
import type { Fleet, FleetSnapshot, MeterReading, MissingMeter, ReadFrame, SilentMeter } from './fleet.ts';
import { asksForGone, fleetRequest } from './fleet-request.ts';
import { describeRest } from './fleet-size.ts';
import { readOpenConnections } from './open-connections.ts';
import { readMinting } from './prometheus-minting.ts';
import {
  fleetQueries,
  instanceQueries,
  type PrometheusQueryName,
  pastQueries,
  recordedOpenConnections,
} from './prometheus-queries.ts';
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
    minting: (issuance, nowMs) => readMinting(query, plan, issuance, nowMs),
    brownoutRefusals: (startedMs, nowMs) => readBrownoutRefusals(query, plan, nowMs - startedMs),
    step: (steppedMs, nowMs) => readStepEvidence(query, plan, steppedMs, nowMs),
    rates: () => readRates(query, plan),
  };
}

async function readFleet(
  query: PrometheusQuery,
  plan: MigrationPlan,
  nowMs: number,
  frame: ReadFrame,
): Promise<FleetSnapshot> {
  const [{ groups, named }, recorded] = await Promise.all([
    readFleetGroups(query, fleetRequest(plan, nowMs, frame)),
    readRecordedDrain(query, plan, nowMs),
  ]);
  const isSmall = groups === null;
  const [own, fleet, past] = await Promise.all([
    isSmall || named.length > 0
      ? runQueries(query, instanceQueries(plan, isSmall ? undefined : named))
      : (): readonly Sample[] => [],
    readWhole(query, plan, isSmall),
    isSmall || asksForGone(frame) ? runQueries(query, pastQueries(plan)) : (): readonly Sample[] => [],
  ]);
  const results: QueryResults = (name) => [...own(name), ...fleet(name), ...past(name)];
  const watchedSinceMs = recorded.watchedSinceMs ?? nowMs;
  const shared = sharedSightings(recorded);
  const readings: MeterReading[] = [];
  const missing: MissingMeter[] = [];
  for (const { labels } of results('live')) {
    const of: QueryResults = (name) => results(name).filter((sample) => isSameInstance(sample.labels, labels));
    const meter = labels['instance'] ?? 'an instance without a label';
    // The counts are those of all instances: the first reading has them, so that they are not counted again.
    const isFirst = readings.every(({ evidence }) => evidence.disagreements === null);
    const seen = isFirst ? shared : { ...shared, disagreements: { ...shared.disagreements, reasons: {} } };
    if (of('legacySeries').length > 0) readings.push(toReading(meter, of, watchedSinceMs, seen));
    else missing.push({ meter, why: SILENT_OF_LEGACY });
  }
  const expected = results('expected')[0]?.value ?? null;
  const each = isSmall && isSurplus(readings, expected) ? eachProcessOnce(readings) : eachOnce(readings);
  return {
    expected,
    readings: each,
    drain: { kind: 'recorded', recorded },
    missing: groups === null ? missing : withRest(missing, groups.silentOfLegacy),
    silent: readSilent(results),
    openConnections: readOpenConnections(results('openConnections')),
    ...(groups !== null && { groups }),
  };
}

const SILENT_OF_LEGACY = `has no series ${METRICS.lastSeen.name}`;

function withRest(missing: readonly MissingMeter[], all: number): readonly MissingMeter[] {
  const count = all - missing.length;
  if (count <= 0) return missing;
  return [...missing, { meter: describeRest(count, missing.length), why: SILENT_OF_LEGACY, count }];
}

/** What is read of the fleet as a whole: open connections of a large one as the rules record them, where they do. */
async function readWhole(query: PrometheusQuery, plan: MigrationPlan, isSmall: boolean): Promise<QueryResults> {
  const { openConnections, ...others } = fleetQueries(plan);
  if (isSmall) return runQueries(query, { ...others, openConnections });
  const recorded = await runQueries(query, { ...others, openConnections: recordedOpenConnections(plan) });
  if (recorded('openConnections').length > 0) return recorded;
  const raw = await runQueries(query, { openConnections });
  return (name) => [...recorded(name), ...raw(name)];
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

type QueryResults = (name: PrometheusQueryName) => readonly Sample[];

async function runQueries(query: PrometheusQuery, queries: Readonly<Record<string, string>>): Promise<QueryResults> {
  const results = new Map<string, readonly Sample[]>();
  const runQuery = async ([name, promql]: [string, string]) => results.set(name, await query(promql));
  await Promise.all(Object.entries(queries).map(runQuery));
  return (name) => results.get(name) ?? [];
}

/** What any instance has seen, including former ones. */
type SharedSightings = Pick<MeterEvidence, 'legacy' | 'lastValidUnauthorizedMs'> & {
  readonly disagreements: Disagreements;
};

function sharedSightings({ last, disagreementReasons }: RecordedDrain): SharedSightings {
  return {
    legacy: {
      lastSeenMs: last.legacy_seen ?? null,
      latestIssuedMs: last.legacy_issued ?? null,
      latestExpiryMs: last.legacy_expiry ?? null,
    },
    lastValidUnauthorizedMs: last.valid_unauthorized ?? null,
    disagreements: {
      lastVerifiedMs: last.verified_disagreement ?? null,
      lastUnverifiedMs: last.unverified_disagreement ?? null,
      reasons: disagreementReasons,
    },
  };
}

/** Whether both series are there: an older sidecar exposes none. */
function tellsOfDisagreements(series: readonly Sample[]): boolean {
  return ['verified', 'unverified'].every((token) => series.some(({ labels }) => labels['token'] === token));
}

function toReading(meter: string, own: QueryResults, watchedSinceMs: number, shared: SharedSightings): MeterReading {
  const disagreements = tellsOfDisagreements(own('disagreementSeries')) ? shared.disagreements : null;
  const process = labelOf(own('process'), 'process');
  return {
    evidence: {
      meter,
      watchedSinceMs,
      ...shared,
      target: { lastSeenMs: newestMs(own('targetLastSeen')) },
      disagreements,
    },
    sides: { legacy: sideOf(own, 'legacy'), target: sideOf(own, 'target') },
    missingTargetKeys: missingTargetKeysOf(own('accepts')),
    issuancePercent: own('percent')[0]?.value ?? null,
    revision: labelOf(own('flags'), 'revision'),
    flagsSource: labelOf(own('flags'), 'source'),
    flagsHash: labelOf(own('flags'), 'hash'),
    stale: false,
    validUnauthorized: own('unauthorizedCount')[0]?.value ?? 0,
    // One query has those of all instances.
    openConnections: null,
    forwardedHeaders: null,
    upstream: null,
    ...(process !== null && { process }),
  };
}

/** An older meter lacks a label, and one that knows nothing has it empty. */
function labelOf([sample]: readonly Sample[], name: string): string | null {
  return sample?.labels[name] || null;
}

/**
 * An observing sidecar has no `crossfade_accepts` series, and one that enforces has none of a side whose keys it never had:
 * then only the API's responses show what it accepts.
 */
function sideOf(own: QueryResults, side: Side): MeterReading['sides'][Side] {
  const ofSide = (samples: readonly Sample[]) => samples.filter(({ labels }) => labels['audience'] === side);
  return { ...responsesOf(ofSide(own('responses'))), commanded: commandedOf(ofSide(own('accepts'))) };
}

function commandedOf([sample]: readonly Sample[]): boolean | undefined {
  return sample && sample.value === 1;
}

/** Instances that are scraped no more, with what they showed last of the legacy side. */
function readSilent(results: QueryResults): readonly SilentMeter[] {
  const live = results('live');
  const past = [...results('pastAccepts'), ...results('pastResponses')].map(({ labels }) => labels);
  const gone = past.filter((labels) => !live.some((other) => isSameInstance(other.labels, labels)));
  const each = new Map(gone.map((labels) => [`${labels['job']} ${labels['instance']}`, labels]));
  return [...each.values()].map((labels) => {
    const own = (name: PrometheusQueryName) => results(name).filter((sample) => isSameInstance(sample.labels, labels));
    return {
      meter: labels['instance'] ?? 'an instance without a label',
      legacy: {
        acceptedMs: null,
        unauthorizedMs: newestMs(own('pastResponses')),
        commanded: commandedOf(own('pastAccepts')),
      },
    };
  });
}

/** A sidecar that shows one side only enforces, and never had the keys of the other. */
function missingTargetKeysOf(series: readonly Sample[]): string | null {
  const shows = (side: Side) => series.some(({ labels }) => labels['audience'] === side);
  return shows('legacy') && !shows('target') ? 'its /readyz says why' : null;
}

function responsesOf(samples: readonly Sample[]): SideResponses {
  const last = (response: string) => newestMs(samples.filter(({ labels }) => labels['response'] === response));
  return { acceptedMs: last('accepted'), unauthorizedMs: last('unauthorized') };
}

function isSameInstance(one: Sample['labels'], other: Sample['labels']): boolean {
  return one['instance'] === other['instance'] && one['job'] === other['job'];
}

/** Returns the newest of timestamps in seconds, in ms. A gauge at 0 has seen nothing yet. */
function newestMs(samples: readonly Sample[]): number | null {
  const newest = Math.max(0, ...samples.map(({ value }) => value));
  return newest === 0 ? null : newest * 1000;
}
