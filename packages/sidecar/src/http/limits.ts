import type { SidecarPlan } from '@crossfade/core';

/** Limits on slow clients, and on many of them. */
export interface Limits {
  readonly maxConnections: number;
  /** For a whole header section. */
  readonly headerTimeoutMs: number;
  /** For the next byte of a request body to come, or of a response to be accepted. */
  readonly stallTimeoutMs: number;
  /** For the API to begin its response. */
  readonly responseTimeoutMs: number;
  /** Between two requests on a connection. */
  readonly idleTimeoutMs: number;
  /** How long connections are still accepted when the sidecar goes out of service. */
  readonly drainDelayMs: number;
  readonly drainTimeoutMs: number;
}

/** For all header sections together that have begun and not ended: the memory that clients can take without a request. */
export const MAX_UNFINISHED_BYTES = 16_777_216;

/** Shorter than servers keep an idle connection, so that no request meets one that the API is just closing. */
export const API_IDLE_TIMEOUT_MS = 1_000;

/** Of one header section, from a client or from the API. */
export const MAX_HEADER_BYTES = 65_536;

/** A body up to this length is copied, so that it leaves together with its header section. */
export const ONE_PIECE_BYTES = 16_384;

/** The limits of a plan, with the defaults that the README lists. */
export function readLimits(plan: SidecarPlan): Limits {
  return {
    maxConnections: plan.maxConnections ?? 10_000,
    headerTimeoutMs: plan.headerTimeoutMs ?? 30_000,
    stallTimeoutMs: plan.stallTimeoutMs ?? 60_000,
    responseTimeoutMs: plan.responseTimeoutMs ?? 300_000,
    // Longer than most load balancers keep theirs, so that the sidecar never closes a connection about to be reused.
    idleTimeoutMs: plan.idleTimeoutMs ?? 75_000,
    drainDelayMs: plan.drainDelayMs ?? 0,
    // Below the 30 s after which Kubernetes kills.
    drainTimeoutMs: plan.drainTimeoutMs ?? 25_000,
  };
}
