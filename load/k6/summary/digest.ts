import { SCENARIOS } from '../catalogue.ts';
import type { MemoryGrowth } from '../lab/memory-watch.ts';
import type { Move } from '../lab/moves.ts';
import type { SlowClients } from '../lab/slow-clients.ts';
import type { LoadOptions } from '../load-options.ts';
import type { K6Summary } from './k6-summary.ts';

/** `summary.json`. */
export interface LoadSummary {
  readonly scenario: string;
  readonly seconds: number;
  /** Arrivals of valid requests a second. */
  readonly rate: number;
  readonly passed: boolean;
  /** Requests with valid tokens. */
  readonly valid: Outcomes & Latency & { readonly droppedArrivals: number };
  readonly phases: readonly (Latency & {
    readonly phase: string;
    readonly legacy: Outcomes;
    readonly target: Outcomes;
  })[];
  /** Requests that must be refused, by kind; none outside of \`hostile\`. */
  readonly hostile: readonly { readonly kind: string; readonly sent: number; readonly notRefused: number }[];
  readonly slowClients?: SlowClients;
  readonly moves: readonly Move[];
  readonly memory?: readonly MemoryGrowth[];
  readonly thresholds: readonly Threshold[];
  readonly machine: {
    readonly cores: number;
    readonly node: string;
    /** Of one minute, before and after the load: what else ran. */
    readonly loadAverage: readonly [number, number];
  };
}

interface Outcomes {
  readonly requests: number;
  /** 401 and 403. */
  readonly rejected: number;
}

interface Latency {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

interface Threshold {
  readonly metric: string;
  readonly threshold: string;
  readonly held: boolean;
}

/** Puts together what k6 counted and what the lab did meanwhile. */
export function digest(
  { scenario, seconds, rate }: LoadOptions,
  { metrics }: K6Summary,
  surroundings: Pick<LoadSummary, 'moves' | 'slowClients' | 'memory' | 'machine'>,
): LoadSummary {
  const values = (metric: string): Readonly<Record<string, number>> => metrics[metric]?.values ?? {};
  const outcomes = (metric: string): Outcomes => {
    const { passes = 0, fails = 0 } = values(metric);
    return { requests: passes + fails, rejected: passes };
  };
  const latency = (metric: string): Latency => {
    const trend = values(metric);
    return { p50Ms: round(trend['med']), p95Ms: round(trend['p(95)']), p99Ms: round(trend['p(99)']) };
  };
  const tagged = (pattern: RegExp): string[] =>
    Object.keys(metrics)
      .flatMap((name) => pattern.exec(name)?.[1] ?? [])
      .sort();
  const thresholds = [...thresholdsOf(metrics), ...(surroundings.memory ?? []).map(memoryThreshold)];
  return {
    scenario,
    seconds,
    rate,
    passed: thresholds.every(({ held }) => held),
    valid: {
      ...outcomes('valid_rejected'),
      ...latency('http_req_duration{kind:order}'),
      droppedArrivals: values('dropped_iterations')['count'] ?? 0,
    },
    phases: Object.keys(SCENARIOS[scenario].phases).map((phase) => ({
      phase,
      legacy: outcomes(`valid_rejected{phase:${phase},side:legacy}`),
      target: outcomes(`valid_rejected{phase:${phase},side:target}`),
      ...latency(`http_req_duration{kind:order,phase:${phase}}`),
    })),
    hostile: tagged(/^hostile_not_refused\{kind:(\w+)\}$/).map((kind) => {
      const { requests, rejected } = outcomes(`hostile_not_refused{kind:${kind}}`);
      return { kind, sent: requests, notRefused: rejected };
    }),
    ...surroundings,
    thresholds,
  };
}

function thresholdsOf(metrics: K6Summary['metrics']): Threshold[] {
  return Object.entries(metrics).flatMap(([metric, { thresholds = {} }]) =>
    Object.entries(thresholds).map(([threshold, { ok }]) => ({ metric, threshold, held: ok })),
  );
}

function memoryThreshold({ name, earlyMb, lateMb, isBounded }: MemoryGrowth): Threshold {
  return { metric: `memory{process:${name}}`, threshold: `${earlyMb} to ${lateMb} MB is bounded`, held: isBounded };
}

const round = (ms = 0): number => Math.round(ms * 100) / 100;
