import {
  type InputSeries,
  type Instance,
  instanceSeries,
  readyReplicas,
  type ValueAt,
} from '../fixture/fleet-series.ts';
import type { Expectation, PromtoolTest } from '../fixture/promtool.ts';

/** Values by minute; `undefined`: there must be none. */
type ByMinute = Readonly<Record<number, number | undefined>>;

/** A fleet, and what the rules have to say of it. Each case is a migration, so that one Prometheus plays many of them. */
export interface RuleCase {
  /** Its migration: `[a-z0-9-]{1,64}`. */
  readonly name: string;
  /** Whether it is among those of `deploy/prometheus/test`. */
  readonly isShipped?: boolean;
  readonly instances: readonly Instance[];
  /** How many pods are ready, of the service `s` or of several. `null`: not known. Default: as many as there are instances. */
  readonly ready?: number | ValueAt | null | Readonly<Record<string, number | ValueAt>>;
  /** More of what kube-state-metrics has, in place of `ready`. */
  readonly workloads?: (migration: string, minutes: number) => readonly InputSeries[];
  readonly drained?: ByMinute;
  /** `crossfade:drain_check:bool`, by check. */
  readonly checks?: Readonly<Record<string, ByMinute>>;
  /** Other values, by an expression in which `$m` stands for the migration. */
  readonly values?: Readonly<Record<string, ByMinute>>;
}

/** Returns a test of promtool that plays all these cases at once. */
export function promtoolTest(name: string, cases: readonly RuleCase[], minutes = 75): PromtoolTest {
  return {
    name,
    series: cases.flatMap((one) => seriesOf(one, minutes)),
    expectations: cases.flatMap(expectationsOf),
  };
}

function seriesOf({ name: migration, instances, ready = instances.length, workloads }: RuleCase, minutes: number) {
  const services: Readonly<Record<string, number | ValueAt>> =
    ready === null ? {} : typeof ready === 'object' ? ready : { s: ready };
  const replicas = Object.entries(services).flatMap(([service, count]) =>
    readyReplicas(typeof count === 'function' ? count : () => count, minutes, { migration, service }),
  );
  return [
    ...(workloads?.(migration, minutes) ?? replicas),
    ...instanceSeries(
      instances.map((instance) => ({ migration, ...instance })),
      minutes,
    ),
  ];
}

function expectationsOf({ name, drained = {}, checks = {}, values = {} }: RuleCase): Expectation[] {
  const migration = `migration="${name}"`;
  const list = (expr: string, labels: string, byMinute: ByMinute) =>
    Object.entries(byMinute).map(([minute, value]) => ({ expr, labels, minute: Number(minute), value }));
  return [
    ...list(`crossfade:drained:bool{${migration}}`, `crossfade:drained:bool{${migration}}`, drained),
    ...Object.entries(checks).flatMap(([check, byMinute]) => {
      const selector = `crossfade:drain_check:bool{${migration},check="${check}"}`;
      return list(selector, selector, byMinute);
    }),
    ...Object.entries(values).flatMap(([expr, byMinute]) =>
      list(`max(${expr.replaceAll('$m', migration)})`, '{}', byMinute),
    ),
  ];
}

/** Returns instances that are well. */
export function well(...names: readonly string[]): Instance[] {
  return names.map((name) => ({ name }));
}

/** Returns one value before a minute, and another one from it on. */
export function from(minute: number, after: number, before: number): ValueAt {
  return (at) => (at < minute ? before : after);
}

/** Since when the fleet is watched, in seconds: minute 4, when the expectation has settled. */
export const WATCHED_SINCE = 'crossfade:watched_since:timestamp{$m}';
/** The instances that ended unscraped. */
export const LOSSES = 'sum(sum_over_time(crossfade:lost_instances:count5m{$m}[2h:5m])) or vector(0)';
