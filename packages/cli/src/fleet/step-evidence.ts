import type { MigrationPlan } from '@crossfade/core';
import { METRICS } from '@crossfade/core/metrics';
import type { FleetSnapshot } from './fleet.ts';
import { risen } from './prometheus-minting.ts';
import type { PrometheusQuery, Sample } from './prometheus-query.ts';
import type { RequestCounts, StepEvidence } from './step-counts.ts';

type StepQueryName = 'requestsBefore' | 'requestsAfter' | 'refusedSinceStep' | 'disagreedSinceStep';

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
  const seconds = (ms: number) => `${Math.max(0, Math.ceil(ms / 1000))}s`;
  const windowMs = stepWindowMs(plan, steppedMs, nowMs);
  const ageMs = nowMs - steppedMs;
  const of = (labels = '') => `{migration="${plan.migration}"${labels}}`;
  // Prometheus refuses an offset of 0.
  const offset = (ms: number) => (ms <= 0 ? '' : ` offset ${seconds(ms)}`);
  const requests = (offsetMs: number) =>
    `sum by (outcome) (max by (instance, audience, outcome) (increase(${METRICS.requests.name}${of(',audience!="none"')}[${seconds(windowMs)}]${offset(offsetMs)})))`;
  const since = (counter: string, label: string) =>
    `sum(max by (instance, ${label}) (${risen(`${counter}${of()}`, seconds(windowMs))}))`;
  return {
    requestsBefore: requests(ageMs),
    requestsAfter: requests(ageMs - windowMs),
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
  const { requestsBefore, requestsAfter, refusedSinceStep, disagreedSinceStep } = stepQueries(plan, steppedMs, nowMs);
  const [before, after, refused, disagreed] = await Promise.all(
    [requestsBefore, requestsAfter, refusedSinceStep, disagreedSinceStep].map(query),
  );
  return {
    kind: 'compared',
    windowMs: stepWindowMs(plan, steppedMs, nowMs),
    before: countsOf(before ?? []),
    after: countsOf(after ?? []),
    validUnauthorized: Math.ceil(refused?.[0]?.value ?? 0),
    disagreements: Math.ceil(disagreed?.[0]?.value ?? 0),
  };
}

/** Returns the instant query about what a brownout refused within the last `windowMs`. */
export function brownoutQuery({ migration }: Pick<MigrationPlan, 'migration'>, windowMs: number): string {
  const counter = `${METRICS.rejections.name}{migration="${migration}",reason="brownout"}`;
  return `sum(max by (instance) (${risen(counter, `${Math.max(1, Math.ceil(windowMs / 1000))}s`)}))`;
}

/** How many requests a brownout refused within the last `windowMs`. @throws `UnavailableError` as {@link readStepEvidence}. */
export async function readBrownoutRefusals(
  query: PrometheusQuery,
  plan: MigrationPlan,
  windowMs: number,
): Promise<number> {
  return Math.round((await query(brownoutQuery(plan, windowMs)))[0]?.value ?? 0);
}

/** `increase` extrapolates to fractions. */
function countsOf(samples: readonly Sample[]): RequestCounts {
  const of = (outcome: string) => Math.round(samples.find(({ labels }) => labels['outcome'] === outcome)?.value ?? 0);
  const rejected = of('rejected');
  return { requests: of('accepted') + rejected, rejected };
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
