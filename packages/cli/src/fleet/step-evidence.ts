import type { MigrationPlan } from '@crossfade/core';
import { METRICS } from '@crossfade/core/metrics';
import type { PrometheusQuery, Sample } from '../prometheus/prometheus-query.ts';
import type { FleetSnapshot } from './fleet.ts';
import { risen } from './prometheus-minting.ts';
import type { RequestCounts, StepEvidence } from './step-counts.ts';

type StepQueryName =
  | 'requestsBefore'
  | 'requestsAfter'
  | 'brownoutBefore'
  | 'brownoutAfter'
  | 'refusedSinceStep'
  | 'disagreedSinceStep';

/** Returns how long each window is, in ms: as long as the step is old, and at most `gate.silence`. */
export function stepWindowMs({ gate }: Pick<MigrationPlan, 'gate'>, steppedMs: number, nowMs: number): number {
  return Math.max(1000, Math.min(nowMs - steppedMs, gate.silenceMs));
}

/** Returns the instant queries about a step: PromQL by name. */
export function stepQueries(
  plan: Pick<MigrationPlan, 'migration' | 'gate'>,
  steppedMs: number,
  nowMs: number,
): Readonly<Record<StepQueryName, string>> {
  const seconds = (ms: number) => Math.max(0, Math.ceil(ms / 1000));
  const windowMs = stepWindowMs(plan, steppedMs, nowMs);
  const ageMs = nowMs - steppedMs;
  const of = (labels = '') => `{migration="${plan.migration}"${labels}}`;
  // Prometheus refuses an offset of 0.
  const offset = (ms: number) => (ms <= 0 ? '' : ` offset ${seconds(ms)}s`);
  const requests = (offsetMs: number) =>
    `sum by (outcome) (max by (instance, audience, outcome) (increase(${METRICS.requests.name}${of(',audience!="none"')}[${seconds(windowMs)}s]${offset(offsetMs)})))`;
  // Born when first seen, so that `increase` alone would miss the first ones.
  const inBrownout = (offsetMs: number) =>
    `sum(max by (instance) (${risen(`${METRICS.rejections.name}${of(',reason="brownout"')}`, seconds(windowMs), seconds(offsetMs))}))`;
  const since = (counter: string, label: string) =>
    `sum(max by (instance, ${label}) (${risen(`${counter}${of()}`, seconds(windowMs))}))`;
  return {
    requestsBefore: requests(ageMs),
    requestsAfter: requests(ageMs - windowMs),
    brownoutBefore: inBrownout(ageMs),
    brownoutAfter: inBrownout(ageMs - windowMs),
    refusedSinceStep: since(METRICS.validUnauthorized.name, 'audience'),
    disagreedSinceStep: since(METRICS.disagreements.name, 'reason'),
  };
}

/** Reads what happened around the step at `steppedMs`. @throws `UnavailableError` when Prometheus cannot be reached. */
export async function readStepEvidence(
  query: PrometheusQuery,
  plan: MigrationPlan,
  steppedMs: number,
  nowMs: number,
): Promise<StepEvidence> {
  const queries = stepQueries(plan, steppedMs, nowMs);
  const results = new Map<string, readonly Sample[]>();
  const runQuery = async ([name, promql]: [string, string]) => results.set(name, await query(promql));
  await Promise.all(Object.entries(queries).map(runQuery));
  const samples = (name: StepQueryName) => results.get(name) ?? [];
  const sum = (name: StepQueryName) => samples(name)[0]?.value ?? 0;
  return {
    kind: 'compared',
    windowMs: stepWindowMs(plan, steppedMs, nowMs),
    before: countsOf(samples('requestsBefore'), sum('brownoutBefore')),
    after: countsOf(samples('requestsAfter'), sum('brownoutAfter')),
    validUnauthorized: Math.ceil(sum('refusedSinceStep')),
    disagreements: Math.ceil(sum('disagreedSinceStep')),
  };
}

/** Returns the instant query about what a brownout refused within the last `windowMs`. */
export function brownoutQuery({ migration }: Pick<MigrationPlan, 'migration'>, windowMs: number): string {
  const counter = `${METRICS.rejections.name}{migration="${migration}",reason="brownout"}`;
  return `sum(max by (instance) (${risen(counter, Math.max(1, Math.ceil(windowMs / 1000)))}))`;
}

/** How many requests a brownout refused within the last `windowMs`. @throws `UnavailableError` as {@link readStepEvidence}. */
export async function readBrownoutRefusals(
  query: PrometheusQuery,
  plan: MigrationPlan,
  windowMs: number,
): Promise<number> {
  return Math.round((await query(brownoutQuery(plan, windowMs)))[0]?.value ?? 0);
}

/** `increase` extrapolates to fractions. What a brownout refused on purpose counts neither as rejected nor as a request. */
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
