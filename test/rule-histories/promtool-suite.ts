import { DRAIN_CHECKS } from '@crossfade/core';
import { parse, stringify } from 'yaml';
import type { Recorded, Sample } from './recorded.ts';
import type { Evaluation } from './rules-model.ts';

/** A history as promtool reads it, and what the model says of it. */
export interface PromtoolCase {
  readonly migration: string;
  readonly recorded: Recorded;
  readonly evaluations: readonly Evaluation[];
}

/** Of the input: scrapes come at multiples of it. */
const INTERVAL = 10;
const EXPECTED_STEP = 30;
const GROUPS = ['crossfade-level-1', 'crossfade-level-1-counts', 'crossfade-level-2'];

/** The groups that decide about the drain, without the others. */
export function drainRules(rules: string): string {
  const { groups } = parse(rules) as { groups: { name: string }[] };
  return stringify({ groups: groups.filter(({ name }) => GROUPS.includes(name)) }, { lineWidth: 0 });
}

/**
 * Writes one promtool test of several histories, each as a migration by itself, that demands the model's verdicts and checks
 * at some moments, all of them exactly.
 */
export function promtoolSuite(
  name: string,
  cases: readonly PromtoolCase[],
  moments: readonly number[],
  rules: string,
  every: number,
): string {
  const series = cases.flatMap(({ migration, recorded }) => inputSeries(migration, recorded));
  const tests = moments.flatMap((at) => [
    { expr: 'crossfade:drained:bool', eval_time: `${at}s`, exp_samples: expectDrained(cases, at) },
    { expr: 'crossfade:drain_check:bool', eval_time: `${at}s`, exp_samples: expectChecks(cases, at) },
  ]);
  const test = { name, interval: `${INTERVAL}s`, input_series: series, promql_expr_test: tests };
  // Without an order, promtool evaluates groups in a random one.
  return JSON.stringify({
    rule_files: [rules],
    evaluation_interval: `${every}s`,
    group_eval_order: GROUPS,
    tests: [test],
  });
}

function expectDrained(cases: readonly PromtoolCase[], at: number) {
  return cases.flatMap(({ migration, evaluations }) => {
    const drained = evaluationAt(evaluations, at)?.drained;
    return drained === undefined
      ? []
      : [{ labels: `crossfade:drained:bool{migration="${migration}"}`, value: drained }];
  });
}

function expectChecks(cases: readonly PromtoolCase[], at: number) {
  return cases.flatMap(({ migration, evaluations }) =>
    DRAIN_CHECKS.flatMap((check) => {
      const value = evaluationAt(evaluations, at)?.checks[check];
      return value === undefined
        ? []
        : [{ labels: `crossfade:drain_check:bool{check="${check}",migration="${migration}"}`, value }];
    }),
  );
}

function evaluationAt(evaluations: readonly Evaluation[], at: number): Evaluation | undefined {
  return evaluations.find(({ time }) => time === at);
}

interface InputSeries {
  readonly series: string;
  readonly values: string;
}

/** The metrics of an instance, and what a sample says of each. */
const METRICS: Readonly<Record<string, (sample: Sample) => number | undefined>> = {
  'crossfade_clock_timestamp_seconds{}': ({ clock }) => clock,
  'crossfade_issuance_percent{}': ({ percent }) => percent,
  'crossfade_last_seen_timestamp_seconds{audience="legacy"}': ({ legacySeen }) => legacySeen,
  'crossfade_last_seen_timestamp_seconds{audience="target"}': ({ targetSeen }) => targetSeen,
  'crossfade_latest_issued_timestamp_seconds{audience="legacy"}': ({ legacyIssued }) => legacyIssued,
  'crossfade_latest_expiry_timestamp_seconds{audience="legacy"}': ({ legacyExpiry }) => legacyExpiry,
  'crossfade_last_unavailable_timestamp_seconds{}': ({ unjudged }) => unjudged,
  'crossfade_last_valid_unauthorized_timestamp_seconds{}': ({ validUnauthorized }) => validUnauthorized,
  'crossfade_last_disagreement_timestamp_seconds{token="verified"}': ({ verifiedDisagreement }) => verifiedDisagreement,
  'crossfade_last_disagreement_timestamp_seconds{token="unverified"}': ({ unverifiedDisagreement }) =>
    unverifiedDisagreement,
  'crossfade_requests_total{audience="legacy",outcome="accepted"}': ({ legacyAccepted }) => legacyAccepted,
  'crossfade_after_close_rejections_total{}': ({ afterCloseRejected }) => afterCloseRejected,
  'crossfade_plan_seconds{setting="drain_window"}': ({ plan }) => plan.drainWindow,
  'crossfade_plan_seconds{setting="session_horizon"}': ({ plan }) => plan.sessionHorizon,
  'crossfade_plan_seconds{setting="clock_tolerance"}': ({ plan }) => plan.clockTolerance,
  'crossfade_plan_seconds{setting="blind"}': ({ plan }) => plan.blind,
  'crossfade_plan_coverage_ratio{}': ({ plan }) => plan.coverage,
};

function inputSeries(migration: string, { targets, expected }: Recorded): InputSeries[] {
  const ofTargets = targets.flatMap(({ service, job, instance, samples }) => {
    const labels = `migration="${migration}",service="${service}",job="${job}",instance="${instance}"`;
    const points = (read: (sample: Sample) => number | undefined) =>
      samples.map((sample) => ({ ...sample, value: read(sample) }));
    const ofInstance = Object.entries(METRICS).flatMap(([metric, read]) =>
      writeSeries(metric.replace('{', `{${labels},`).replace(',}', '}'), points(read)),
    );
    const ofProcesses = [...new Set(samples.map(({ process }) => process))].flatMap((process) => {
      const name = `{${labels},process="${process}"}`;
      const of = (read: (sample: Sample) => number) =>
        points((one) => (one.process === process ? read(one) : undefined));
      return [
        ...writeSeries(
          `crossfade_process_start_timestamp_seconds${name}`,
          of(({ processStart }) => processStart),
        ),
        ...writeSeries(
          `crossfade_process_final${name}`,
          of(({ isFinal }) => (isFinal ? 1 : 0)),
        ),
      ];
    });
    return [...ofInstance, ...ofProcesses];
  });
  const ofExpected = expected.flatMap(({ service, values }) =>
    writeSeries(
      `crossfade:expected_instances:sum{migration="${migration}",service="${service}"}`,
      values.map((value, index) => ({
        at: index * EXPECTED_STEP,
        // What a rule records no more is stale.
        staleAt: values[index + 1] === null ? (index + 1) * EXPECTED_STEP : Number.POSITIVE_INFINITY,
        value: value ?? undefined,
      })),
    ),
  );
  return [...ofTargets, ...ofExpected];
}

interface Point {
  readonly at: number;
  readonly staleAt: number;
  readonly value: number | undefined;
}

/** promtool's notation: one value each `INTERVAL` from 0 on, `_` for none. */
function writeSeries(series: string, points: readonly Point[]): InputSeries[] {
  const words: string[] = [];
  let next = 0;
  const put = (at: number, word: string) => {
    const slot = at / INTERVAL;
    if (slot > next) words.push(`_x${slot - next}`);
    words.push(word);
    next = slot + 1;
  };
  const present = points.filter(({ value }) => value !== undefined);
  for (const [index, { at, staleAt, value }] of present.entries()) {
    put(at, String(value));
    if (staleAt < (present[index + 1]?.at ?? Number.POSITIVE_INFINITY) && Number.isFinite(staleAt))
      put(staleAt, 'stale');
  }
  return words.length === 0 ? [] : [{ series, values: words.join(' ') }];
}
