import { formatDuration, formatInstant, type MigrationPlan } from '@crossfade/core';
import { MAX_NAMED, METRICS } from '@crossfade/core/metrics';
import type { PrometheusQuery, Sample } from '../prometheus/prometheus-query.ts';
import { readRecordedSize } from '../prometheus/recorded-size.ts';
import {
  evaluationsIn,
  LEAST_RECORDED_SECONDS,
  LOOK_BACK_SECONDS,
  offsetOf,
  type RecordedTraffic,
  recordedMean,
  type TrafficWindow,
} from '../prometheus/recorded-window.ts';
import { risen } from '../prometheus/risen.ts';
import type { FleetSnapshot } from './fleet.ts';
import type { RequestCounts, StepEvidence } from './step-counts.ts';

/** Every fleet has it, from its first evaluation on. */
const REQUESTS = 'requests:rate5m';

type StepQueryName =
  | 'requestsBefore'
  | 'requestsAfter'
  | 'brownoutBefore'
  | 'brownoutAfter'
  | 'refusedSinceStep'
  | 'disagreedSinceStep';
type StepQueries = Readonly<Record<StepQueryName, string>>;

/** The step of a migration, and how long before and after it count. */
interface Step {
  readonly migration: string;
  readonly windowSeconds: number;
  readonly ageSeconds: number;
  readonly steppedSeconds: number;
}

/**
 * Returns how long each window is, in ms: as long as the step is old, and at most `gate.silence`. It is five minutes until the
 * recorded series have seen enough that was not before the step.
 */
export function stepWindowMs({ gate }: Pick<MigrationPlan, 'gate'>, steppedMs: number, nowMs: number): number {
  const windowMs = Math.max(1000, Math.min(nowMs - steppedMs, gate.silenceMs));
  return windowMs >= LEAST_RECORDED_SECONDS * 1000 ? windowMs : Math.min(windowMs, LOOK_BACK_SECONDS * 1000);
}

/** Returns the instant queries about a step: PromQL by name. Those of a long window ask what the rules recorded. */
export function stepQueries(
  plan: Pick<MigrationPlan, 'migration' | 'gate'>,
  steppedMs: number,
  nowMs: number,
): StepQueries {
  const seconds = (ms: number) => Math.max(0, Math.ceil(ms / 1000));
  const step: Step = {
    migration: plan.migration,
    windowSeconds: seconds(stepWindowMs(plan, steppedMs, nowMs)),
    ageSeconds: seconds(nowMs - steppedMs),
    steppedSeconds: steppedMs / 1000,
  };
  return step.windowSeconds > LOOK_BACK_SECONDS ? recordedQueries(step) : countedQueries(step);
}

/** Of the counters of each instance, so that the first minutes after a step are known: only where instances are few. */
function countedQueries({ migration, windowSeconds, ageSeconds }: Step): StepQueries {
  const of = (labels = '') => `{migration="${migration}"${labels}}`;
  const endAfter = Math.max(0, ageSeconds - windowSeconds);
  const requests = (endedSecondsAgo: number) =>
    `sum by (outcome) (max by (instance, audience, outcome) (increase(${METRICS.requests.name}${of(',audience!="none"')}[${windowSeconds}s]${offsetOf(endedSecondsAgo)})))`;
  // Born when first seen, so that `increase` alone would miss the first ones.
  const inBrownout = (endedSecondsAgo: number) =>
    `sum(max by (instance) (${risen(`${METRICS.rejections.name}${of(',reason="brownout"')}`, windowSeconds, endedSecondsAgo)}))`;
  const since = (counter: string, label: string) =>
    `sum(max by (instance, ${label}) (${risen(`${counter}${of()}`, windowSeconds)}))`;
  return {
    requestsBefore: requests(ageSeconds),
    requestsAfter: requests(endAfter),
    brownoutBefore: inBrownout(ageSeconds),
    brownoutAfter: inBrownout(endAfter),
    refusedSinceStep: since(METRICS.validUnauthorized.name, 'audience'),
    disagreedSinceStep: since(METRICS.disagreements.name, 'reason'),
  };
}

/** Of the rates that the rules recorded: those that look back to before the step are left out, on its either side. */
function recordedQueries({ migration, windowSeconds, ageSeconds, steppedSeconds }: Step): StepQueries {
  const before = { seconds: windowSeconds, endedSecondsAgo: ageSeconds };
  const after = { seconds: windowSeconds, endedSecondsAgo: Math.max(0, ageSeconds - windowSeconds) };
  const now = { seconds: windowSeconds, endedSecondsAgo: 0 };
  const count = (traffic: Omit<RecordedTraffic, 'migration'>, window: TrafficWindow) =>
    `${recordedMean({ migration, evaluatedWith: REQUESTS, ...traffic }, window)} * ${windowSeconds}`;
  const requests = {
    ...{ name: REQUESTS, labels: ',audience!="none"' },
    ...{ by: ['outcome'], each: ['audience'] },
  };
  const inBrownout = { name: 'rejections:rate5m', labels: ',reason="brownout"', each: ['reason'] };
  // A rate of a counter that was just born knows nothing. The last moment does: at least one.
  const since = (name: string, label: string, whats: string) => {
    const last = `max(crossfade:last:timestamp{migration="${migration}",what=~"${whats}"}) >= bool ${steppedSeconds}`;
    return `max(label_replace(${count({ name, each: [label] }, now)}, "of", "rate", "", "") or ${last})`;
  };
  return {
    requestsBefore: count(requests, before),
    requestsAfter: count(requests, after),
    brownoutBefore: count(inBrownout, before),
    brownoutAfter: count(inBrownout, after),
    refusedSinceStep: since('valid_unauthorized:rate5m', 'audience', 'valid_unauthorized'),
    disagreedSinceStep: since('disagreements:rate5m', 'reason', '(un)?verified_disagreement'),
  };
}

/** Reads what happened around the step at `steppedMs`. @throws `UnavailableError` when Prometheus cannot be reached. */
export async function readStepEvidence(
  query: PrometheusQuery,
  plan: MigrationPlan,
  steppedMs: number,
  nowMs: number,
): Promise<StepEvidence> {
  const windowMs = stepWindowMs(plan, steppedMs, nowMs);
  const isShort = windowMs <= LOOK_BACK_SECONDS * 1000;
  if (isShort && (await readRecordedSize(query, plan.migration)) > MAX_NAMED)
    return { kind: 'unknown', why: describeShort(plan, steppedMs) };
  const [known, samples] = await Promise.all([
    isShort ? true : isRecorded(query, plan, steppedMs, nowMs),
    runQueries(query, stepQueries(plan, steppedMs, nowMs)),
  ]);
  if (!known) return { kind: 'unknown', why: NOT_RECORDED };
  const sum = (name: StepQueryName) => samples(name)[0]?.value ?? 0;
  return {
    kind: 'compared',
    windowMs,
    before: countsOf(samples('requestsBefore'), sum('brownoutBefore')),
    after: countsOf(samples('requestsAfter'), sum('brownoutAfter')),
    validUnauthorized: Math.ceil(sum('refusedSinceStep')),
    disagreements: Math.ceil(sum('disagreedSinceStep')),
  };
}

const NOT_RECORDED =
  'Prometheus has no crossfade:requests:rate5m since then: load deploy/prometheus/crossfade.rules.yml (crossfade doctor)';

function describeShort({ gate }: Pick<MigrationPlan, 'gate'>, steppedMs: number): string {
  const leastMs = LEAST_RECORDED_SECONDS * 1000;
  if (gate.silenceMs < leastMs)
    return `the recorded rates need a gate.silence of ${formatDuration(leastMs)} to tell before and after apart, and it is ${formatDuration(gate.silenceMs)}`;
  const knownMs = steppedMs + leastMs;
  return `the recorded rates look back 5 minutes, and tell before and after apart from ${formatInstant(knownMs)} on`;
}

async function isRecorded(
  query: PrometheusQuery,
  plan: MigrationPlan,
  steppedMs: number,
  nowMs: number,
): Promise<boolean> {
  const seconds = Math.ceil(stepWindowMs(plan, steppedMs, nowMs) / 1000);
  return (await query(evaluationsIn({ ...plan, name: REQUESTS }, { seconds, endedSecondsAgo: 0 }))).length > 0;
}

async function runQueries(query: PrometheusQuery, queries: StepQueries) {
  const results = new Map<string, readonly Sample[]>();
  const runQuery = async ([name, promql]: [string, string]) => results.set(name, await query(promql));
  await Promise.all(Object.entries(queries).map(runQuery));
  return (name: StepQueryName) => results.get(name) ?? [];
}

/** Rates are fractions. What a brownout refused on purpose counts neither as rejected nor as a request. */
function countsOf(samples: readonly Sample[], inBrownout: number): RequestCounts {
  const of = (outcome: string) => samples.find(({ labels }) => labels['outcome'] === outcome)?.value ?? 0;
  const rejected = Math.max(0, Math.round(of('rejected') - inBrownout));
  return { requests: Math.round(of('accepted')) + rejected, rejected };
}

/** Adds up what sidecars counted since they started. */
export function countedEvidence({ readings }: FleetSnapshot): StepEvidence {
  const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
  return {
    kind: 'counted',
    requests: sum(readings.map(({ requests }) => requests?.requests ?? 0)),
    rejected: sum(readings.map(({ requests }) => requests?.rejected ?? 0)),
    validUnauthorized: sum(readings.map(({ validUnauthorized }) => validUnauthorized)),
    disagreements: sum(readings.flatMap(({ evidence }) => Object.values(evidence.disagreements?.reasons ?? {}))),
  };
}
