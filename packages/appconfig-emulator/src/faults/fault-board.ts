import type { Plane } from '../protocol/plane.ts';

/**
 * What a fault does to a request:
 * - `down`: the connection is destroyed before anything is done;
 * - `lost`: the work is done, then the connection is destroyed without a response;
 * - `slow`: the response comes after `delayMs` of real time;
 * - `hang`: the client never gets a response;
 * - `throttle`: 429 `ThrottlingException`;
 * - `error`: a 5xx `InternalServerException`;
 * - `garbage`: 200 with unparseable bytes. On a poll the session counts them as delivered, so the next poll says "unchanged".
 */
export const FAULT_KINDS = ['down', 'lost', 'slow', 'hang', 'throttle', 'error', 'garbage'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** The plane it applies to; absent: both. */
  readonly plane?: Plane;
  /** How many requests it affects; absent: every request until it is cleared. */
  readonly times?: number;
  /** For `slow`: the delay in real milliseconds; absent: 1000. */
  readonly delayMs?: number;
  /** For `error`: the status, 500..599; absent: 500. */
  readonly status?: number;
}

/** The switches that break the emulator on purpose. Each plane has at most one fault at a time. */
export interface FaultSwitches {
  /** Sets a fault on its plane, or on both; it replaces the previous one. */
  set(fault: Fault | FaultKind): void;
  /** Clears every fault. */
  clear(): void;
  /** The faults that are set, one for each affected plane. */
  active(): readonly Fault[];
}

/** {@link FaultSwitches}, plus the server's side: which fault applies to the next request. */
export interface FaultBoard extends FaultSwitches {
  /** The fault for this request; counts as one of its `times`. */
  nextFault(plane: Plane): Fault | undefined;
}

interface Armed {
  readonly fault: Fault;
  left: number;
}

export function createFaultBoard(): FaultBoard {
  const armed = new Map<Plane, Armed>();

  return {
    set(given) {
      const fault: Fault = typeof given === 'string' ? { kind: given } : given;
      const shared: Armed = { fault, left: fault.times ?? Number.POSITIVE_INFINITY };
      for (const plane of fault.plane === undefined ? (['data', 'control'] as const) : [fault.plane])
        armed.set(plane, shared);
    },
    clear: () => armed.clear(),
    active: () => [...new Set([...armed.values()].filter(({ left }) => left > 0).map(({ fault }) => fault))],
    nextFault(plane) {
      const entry = armed.get(plane);
      if (entry === undefined || entry.left <= 0) return undefined;
      entry.left -= 1;
      return entry.fault;
    },
  };
}
