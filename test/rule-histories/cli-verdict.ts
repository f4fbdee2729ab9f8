import {
  BAD_MOMENTS,
  type DrainCheckName,
  type Issuance,
  parsePlan,
  type RecordedDrain,
  type RecordedDrainPlan,
  recordedVerdict,
  type Verdict,
} from '@crossfade/core';
import type { Evaluation } from './rules-model.ts';
import type { Truth } from './simulate.ts';

/** Histories begin at 0, and a CLI today. */
const EPOCH_MS = Date.parse('2026-03-01T00:00:00Z');
const SECOND_MS = 1000;

/** What the flag store says at a moment. */
export function storedIssuance({ issuance }: Truth, time: number): Issuance {
  const move = issuance.findLast(({ from }) => from <= time);
  const sinceMs = move && Number.isFinite(move.from) ? EPOCH_MS + move.from * SECOND_MS : null;
  return { enabled: true, percent: move?.percent ?? 0, sinceMs, revision: null };
}

/** A store that knows nothing which the rules do not. */
export const SILENT_STORE: Issuance = { enabled: true, percent: 100, sinceMs: null, revision: null };

/** The plan that a CLI reads: the first one of a history. */
export function planOfHistory({ lifetimes, plans }: Truth): RecordedDrainPlan {
  const [{ token, session, silence } = { token: 0, session: 0, silence: 0 }] = lifetimes;
  return parsePlan({
    version: 1,
    migration: 'histories',
    legacy: {
      issuer: 'https://idp.example.com',
      audience: 'legacy',
      tokenLifetime: `${token}s`,
      sessionLifetime: `${session}s`,
    },
    target: { issuer: 'https://idp.example.com', audience: 'target', tokenLifetime: '5m' },
    clients: [],
    clockTolerance: `${plans[0]?.clockTolerance ?? 60}s`,
    flags: { source: 'file', path: '/flags.json' },
    gate: { silence: `${silence}s`, coverage: plans[0]?.coverage ?? 1, blind: `${plans[0]?.blind ?? 300}s` },
  });
}

/** What `crossfade gate` says of what the rules recorded. */
export function cliVerdict(evaluation: Evaluation, issuance: Issuance, plan: RecordedDrainPlan): Verdict {
  const nowMs = toMs(evaluation.time);
  return recordedVerdict({ issuance, recorded: toRecordedDrain(evaluation) }, plan, nowMs).verdict;
}

function toRecordedDrain({ time, checks, last, watchedSince, debt, plan }: Evaluation): RecordedDrain {
  const { drainWindow, sessionHorizon, clockTolerance, blind, coverage } = plan;
  const isKnown = drainWindow !== undefined && sessionHorizon !== undefined && clockTolerance !== undefined;
  return {
    checks: Object.fromEntries(Object.entries(checks).map(([name, value]) => [name as DrainCheckName, value === 1])),
    last: Object.fromEntries(
      BAD_MOMENTS.flatMap((what) => {
        const at = last[what];
        return at === undefined ? [] : [[what, at === 0 ? null : toMs(at)]];
      }),
    ),
    silent: [],
    watchedSinceMs: watchedSince === undefined ? null : toMs(watchedSince),
    debtMs: debt === undefined ? null : debt * SECOND_MS,
    unwatchedShare: null,
    losses: 0,
    services: [],
    moreServices: 0,
    slowClocks: [],
    windows:
      isKnown && blind !== undefined && coverage !== undefined
        ? {
            drainWindowMs: drainWindow * SECOND_MS,
            sessionHorizonMs: sessionHorizon * SECOND_MS,
            clockToleranceMs: clockTolerance * SECOND_MS,
            blindMs: blind * SECOND_MS,
            coverage,
          }
        : null,
    disagreementReasons: {},
    rules: isKnown ? { evaluatedMs: toMs(time) } : { missing: 'no_meters' },
  };
}

function toMs(seconds: number): number {
  return EPOCH_MS + seconds * SECOND_MS;
}
