import type { ObservedAcceptance, Phase } from '@crossfade/core';

/** Requests counted since the start, at one moment. */
export interface Reading {
  readonly legacy: number;
  readonly target: number;
  readonly bridge: number;
  readonly rejected: number;
  /** Valid tokens that the API refused. */
  readonly unauthorized: number;
}

/** The requests counted in the `stepMs` that ended at `atMs`; a longer time if the process was suspended. */
export interface HistoryPoint extends Reading {
  readonly atMs: number;
}

/** A change of phase or of a switch; the first one is the start of the history. */
export interface HistoryMark {
  readonly atMs: number;
  readonly phase: Phase;
  readonly percent: number;
  readonly acceptance: ObservedAcceptance;
}

/** The JSON of `/history`. */
export interface HistorySnapshot {
  /** When the history began: with this process. */
  readonly startedAtMs: number;
  /** What one point covers. */
  readonly stepMs: number;
  readonly points: readonly HistoryPoint[];
  readonly marks: readonly HistoryMark[];
  /** The oldest points were dropped: the history no longer reaches back to the start. */
  readonly truncated: boolean;
}

/** What a note changed: nothing, one point added, or more than that. */
export type HistoryChange = 'nothing' | 'point' | 'all';

/** Remembers the traffic of the last hours, in bounded memory; restarts with the process. */
export interface History {
  /** Notes the current counts and position; call it about every second. */
  note(reading: Reading, position: Omit<HistoryMark, 'atMs'>): HistoryChange;
  snapshot(): HistorySnapshot;
}

export interface HistoryLimits {
  /** An even number. */
  readonly points: number;
  readonly marks: number;
  readonly firstStepMs: number;
  readonly lastStepMs: number;
}

/** 720 points cover 6.4 hours once a point covers 32 s. */
const LIMITS: HistoryLimits = { points: 720, marks: 100, firstStepMs: 1000, lastStepMs: 32_000 };

/**
 * Creates a history whose points cover `firstStepMs` each. Whenever it is full, neighbours merge and cover twice as
 * much, up to `lastStepMs`; after that the oldest points are dropped.
 */
export function createHistory(now: () => number, limits: HistoryLimits = LIMITS): History {
  const startedAtMs = now();
  let points: HistoryPoint[] = [];
  let marks: HistoryMark[] = [];
  let stepMs = limits.firstStepMs;
  let truncated = false;
  let pointStartedMs = startedAtMs;
  let previous: Reading = { legacy: 0, target: 0, bridge: 0, rejected: 0, unauthorized: 0 };

  const makeRoom = (): HistoryChange => {
    if (points.length < limits.points) return 'point';
    if (stepMs < limits.lastStepMs) {
      points = mergeNeighbours(points);
      stepMs *= 2;
    } else {
      points = points.slice(1);
      truncated = true;
    }
    return 'all';
  };

  return {
    note(reading, { phase, percent, acceptance }) {
      const atMs = now();
      const last = marks.at(-1);
      const moved = last?.phase !== phase || last.percent !== percent || last.acceptance !== acceptance;
      if (moved) {
        marks = [...marks.slice(1 - limits.marks), { atMs, phase, percent, acceptance }];
      }
      // Tolerates a timer that fires early by up to a quarter of the first step.
      if (atMs - pointStartedMs < stepMs - limits.firstStepMs / 4) return moved ? 'all' : 'nothing';
      points.push({ atMs, ...difference(reading, previous) });
      pointStartedMs = atMs;
      previous = reading;
      const change = makeRoom();
      return moved ? 'all' : change;
    },
    snapshot: () => ({ startedAtMs, stepMs, points: [...points], marks, truncated }),
  };
}

function mergeNeighbours(points: readonly HistoryPoint[]): HistoryPoint[] {
  const merged: HistoryPoint[] = [];
  for (let index = 1; index < points.length; index += 2) {
    const [first, second] = [points[index - 1], points[index]];
    if (first !== undefined && second !== undefined) merged.push({ atMs: second.atMs, ...sum(first, second) });
  }
  return merged;
}

function sum(one: Reading, other: Reading): Reading {
  return {
    legacy: one.legacy + other.legacy,
    target: one.target + other.target,
    bridge: one.bridge + other.bridge,
    rejected: one.rejected + other.rejected,
    unauthorized: one.unauthorized + other.unauthorized,
  };
}

function difference(later: Reading, earlier: Reading): Reading {
  return {
    legacy: later.legacy - earlier.legacy,
    target: later.target - earlier.target,
    bridge: later.bridge - earlier.bridge,
    rejected: later.rejected - earlier.rejected,
    unauthorized: later.unauthorized - earlier.unauthorized,
  };
}
