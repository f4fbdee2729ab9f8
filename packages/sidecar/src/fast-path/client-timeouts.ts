import type { Limits } from '../http/limits.ts';
import type { ClientState } from './client-state.ts';

/** A client that has just connected, or got a response, may be about to send a request. */
const ABOUT_TO_SEND_MS = 1_000;
/** Longer than announced, as in node:http: a client that is late by the network's delay is still served. */
const IDLE_GRACE_MS = 1_000;

type ClientLimits = Pick<Limits, 'headerTimeoutMs' | 'stallTimeoutMs' | 'idleTimeoutMs'>;

/** What a client's connection has waited for too long deserves: its end, or 408 before it. */
export function timeoutOf(state: ClientState, nowMs: number, limits: ClientLimits): 'destroy' | 'refuse' | undefined {
  const waitsLongerThan = (limitMs: number) => 'sinceMs' in state && nowMs - state.sinceMs > limitMs;
  switch (state.name) {
    case 'new':
      return waitsLongerThan(limits.headerTimeoutMs) ? 'destroy' : undefined;
    case 'idle':
      return waitsLongerThan(limits.idleTimeoutMs + IDLE_GRACE_MS) ? 'destroy' : undefined;
    case 'reading-head':
      if (state.isComplete) return waitsLongerThan(limits.stallTimeoutMs) ? 'destroy' : undefined;
      return waitsLongerThan(limits.headerTimeoutMs) ? 'refuse' : undefined;
    case 'lent':
      // Later timeouts are those of the HTTP server.
      return !state.isRead && waitsLongerThan(limits.headerTimeoutMs) ? 'destroy' : undefined;
    default:
      return undefined;
  }
}

/** Whether no request has been on its way for so long that none is to be expected at this very moment. */
export function isUnused(state: ClientState, nowMs: number): boolean {
  return (state.name === 'new' || state.name === 'idle') && nowMs - state.sinceMs > ABOUT_TO_SEND_MS;
}
