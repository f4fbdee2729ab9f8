import { lastMoveMs, type MigrationPlan, type Side } from '@crossfade/core';
import type { FleetRequest } from '@crossfade/core/metrics';
import { hashOfFlags } from './flags-held.ts';
import type { ReadFrame } from './fleet.ts';
import { flagsTakeMs, pollIntervalMs } from './fleet-evidence.ts';

/** Returns how to group a large fleet, so that what the CLI judges by `frame` holds for each instance of a group. */
export function fleetRequest(plan: MigrationPlan, nowMs: number, frame: ReadFrame): FleetRequest {
  const { document, names = [], parts, shownSinceMs } = frame;
  const hash = frame.hash ?? (document && hashOfFlags(document));
  return {
    migration: plan.migration,
    nowMs,
    names,
    ...(parts && { parts: parts.filter((part) => part !== 'drain') }),
    ...(shownSinceMs !== undefined && { shownSinceMs }),
    marksMs: { legacy: marksOf('legacy', plan, nowMs, frame), target: marksOf('target', plan, nowMs, frame) },
    isLegacyOpen: document?.acceptance === 'both',
    ...(document && { refusedSinceMs: Math.max(lastMoveMs(document) ?? 0, nowMs - plan.gate.silenceMs) }),
    ...(hash !== undefined && { hash }),
  };
}

/** Whether a rollback may wait for instances that are gone, because they showed last that they refuse legacy. */
export function asksForGone({ document }: ReadFrame): boolean {
  return document?.acceptance === 'both' && document.acceptanceSinceMs !== null;
}

/** Any response at all. */
const EVER_MS = 1;

/** The moments that the rules of fleet-evidence.ts compare responses with, ascending. Each window begins at a move, or at `gate.silence`. */
function marksOf(side: Side, plan: MigrationPlan, nowMs: number, { document, parts }: ReadFrame): readonly number[] {
  if (document === undefined) return [];
  const silenceMs = nowMs - plan.gate.silenceMs;
  const { acceptance, acceptanceSinceMs: switchedMs } = document;
  const isSwitched = side === 'legacy' && switchedMs !== null;
  const moves = [
    lastMoveMs(document),
    ...(isSwitched ? [acceptance === 'both' ? switchedMs : switchedMs + pollIntervalMs(plan)] : []),
  ];
  const marks = moves.map((ms) => Math.max(ms ?? silenceMs, silenceMs));
  // What an instance learnt before the last move is of interest to a reading of everything.
  if (parts === undefined) marks.push(silenceMs);
  if (isSwitched && acceptance === 'both') marks.push(EVER_MS, nowMs - flagsTakeMs(plan) + 1);
  return [...new Set(marks)].sort((one, other) => one - other);
}
