import type { SidecarPlan } from '@crossfade/core';

/** What bounds a client that is slow, or many. */
export interface Limits {
  readonly maxConnections: number;
  /** For a whole header section. */
  readonly headerTimeoutMs: number;
  /** For the next byte of a body, or the next byte of an answer to be taken. */
  readonly stallTimeoutMs: number;
  /** For which connections are still accepted when the sidecar goes out of service. */
  readonly drainDelayMs: number;
  readonly drainTimeoutMs: number;
}

/** Longer than load balancers keep theirs, so that it is never us who close a connection about to be used. */
export const IDLE_TIMEOUT_MS = 75_000;

/** Below what servers grant an idle connection, so that no request meets one that the API is just closing. */
export const API_IDLE_TIMEOUT_MS = 1_000;

/** The limits of a plan, with the defaults that the README lists. */
export function readLimits(plan: SidecarPlan): Limits {
  return {
    maxConnections: plan.maxConnections ?? 10_000,
    headerTimeoutMs: plan.headerTimeoutMs ?? 30_000,
    stallTimeoutMs: plan.stallTimeoutMs ?? 60_000,
    drainDelayMs: plan.drainDelayMs ?? 0,
    // Below the 30 s after which Kubernetes kills.
    drainTimeoutMs: plan.drainTimeoutMs ?? 25_000,
  };
}
