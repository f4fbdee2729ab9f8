import { formatDuration } from '../vocabulary/duration.ts';
import { describeMoment } from '../vocabulary/instant.ts';
import type { Phase } from '../vocabulary/phase.ts';
import { type DrainPlan, drainWindowMs } from './drain-verdict.ts';

/** When the gate could pass, in words: the same wherever it is told. */
export function describeEarliestPass(earliestPassMs: number | null, nowMs: number): string {
  if (earliestPassMs === null) return 'unknown: more than time is missing';
  return `${describeMoment(earliestPassMs, nowMs)}, if no legacy token is seen again`;
}

/** When the drain could be over, in words, in any phase. */
export function describeDrainEta(phase: Phase, earliestPassMs: number | null, plan: DrainPlan, nowMs: number): string {
  if (phase === 'contract') return 'over';
  if (phase === 'drain') return describeEarliestPass(earliestPassMs, nowMs);
  const horizonMs = plan.legacy.sessionLifetimeMs + plan.legacy.tokenLifetimeMs + plan.clockToleranceMs;
  return `begins when every login asks for target, and takes at least ${formatDuration(Math.max(horizonMs, drainWindowMs(plan)))}`;
}
