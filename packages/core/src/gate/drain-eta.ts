import { formatDuration } from '../vocabulary/duration.ts';
import { describeMoment } from '../vocabulary/instant.ts';
import type { Phase } from '../vocabulary/phase.ts';
import { type DrainPlan, drainWindowMs, sessionHorizonMs } from './drain-verdict.ts';

/** Tells when the gate could pass. */
export function describeEarliestPass(earliestPassMs: number | null, nowMs: number): string {
  if (earliestPassMs === null) return 'unknown: waiting alone is not enough';
  return `${describeMoment(earliestPassMs, nowMs)}, if no legacy token is seen again`;
}

/** Tells, in any phase, when the drain could be over. */
export function describeDrainEta(phase: Phase, earliestPassMs: number | null, plan: DrainPlan, nowMs: number): string {
  if (phase === 'contract') return 'over';
  if (phase === 'drain') return describeEarliestPass(earliestPassMs, nowMs);
  const leastMs = Math.max(sessionHorizonMs(plan), drainWindowMs(plan));
  return `begins when every login asks for target, and takes at least ${formatDuration(leastMs)}`;
}
