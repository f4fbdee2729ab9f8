import { formatDuration } from '../vocabulary/duration.ts';
import { drainWindowMs, sessionHorizonMs } from './drain-verdict.ts';
import type { RecordedDrainPlan, RecordedWindows } from './recorded-drain.ts';

/** The windows that count: of the meters' plans and of this one the longer, the higher coverage, the shorter blindness. */
export interface JudgedWindows extends RecordedWindows {
  /** The longer one of the drain window and the session horizon. */
  readonly longestMs: number;
  /** Which of this plan's are stricter than those that the rules judge by. */
  readonly isStricter: Readonly<Record<keyof RecordedWindows, boolean>>;
  /** Says, for the operator, where the plans differ; empty if they do not. */
  readonly differences: readonly string[];
}

const NAMES: Readonly<Record<keyof RecordedWindows, string>> = {
  drainWindowMs: 'drain window',
  sessionHorizonMs: 'session horizon',
  clockToleranceMs: 'clockTolerance',
  blindMs: 'gate.blind',
  coverage: 'gate.coverage',
};
const KEYS = Object.keys(NAMES) as readonly (keyof RecordedWindows)[];

/** @param recorded those of the meters' plans; `null` if no meter tells its plan. */
export function judgedWindows(recorded: RecordedWindows | null, plan: RecordedDrainPlan): JudgedWindows {
  const own: RecordedWindows = {
    drainWindowMs: drainWindowMs(plan),
    sessionHorizonMs: sessionHorizonMs(plan),
    clockToleranceMs: plan.clockToleranceMs,
    blindMs: plan.gate.blindMs,
    coverage: plan.gate.coverage,
  };
  const isStricter = (key: keyof RecordedWindows) =>
    recorded === null || (key === 'blindMs' ? own[key] < recorded[key] : own[key] > recorded[key]);
  const judged = (key: keyof RecordedWindows) => (recorded === null || isStricter(key) ? own : recorded)[key];
  const ofEach = <Value>(value: (key: keyof RecordedWindows) => Value) =>
    Object.fromEntries(KEYS.map((key) => [key, value(key)])) as Record<keyof RecordedWindows, Value>;
  const windows = ofEach(judged);
  return {
    ...windows,
    longestMs: Math.max(windows.drainWindowMs, windows.sessionHorizonMs),
    isStricter: ofEach(isStricter),
    differences: recorded === null ? [] : describeDifferences(own, recorded),
  };
}

function describeDifferences(own: RecordedWindows, recorded: RecordedWindows): readonly string[] {
  const different = KEYS.filter((key) => own[key] !== recorded[key]);
  if (different.length === 0) return [];
  const text = (key: keyof RecordedWindows, value: number) =>
    key === 'coverage' ? `${value * 100}%` : formatDuration(value);
  const each = different.map((key) => `${NAMES[key]} ${text(key, own[key])} here, ${text(key, recorded[key])} there`);
  return [`this plan and the plans of the meters differ: ${each.join('; ')}: the stricter one of both counts`];
}
