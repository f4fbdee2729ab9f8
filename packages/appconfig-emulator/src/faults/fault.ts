/**
 * What goes wrong with a request:
 * - `down`: the connection is destroyed before anything is done;
 * - `lost`: the work is done, the connection is destroyed before the answer;
 * - `slow`: the answer comes after `delayMs` of real time;
 * - `hang`: no answer ever comes;
 * - `throttle`: 429 `ThrottlingException`;
 * - `error`: a 5xx `InternalServerException`;
 * - `garbage`: 200 with bytes nobody can parse. On a poll the session counts them as delivered, so the next poll says "unchanged".
 */
export const FAULT_KINDS = ['down', 'lost', 'slow', 'hang', 'throttle', 'error', 'garbage'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export type Plane = 'data' | 'control';

export interface Fault {
  readonly kind: FaultKind;
  /** Which plane it strikes; absent: both. */
  readonly plane?: Plane;
  /** How many requests it strikes before it is over; absent: until it is cleared. */
  readonly times?: number;
  /** Of `slow`, in real milliseconds; absent: 1000. */
  readonly delayMs?: number;
  /** Of `error`, 500..599; absent: 500. */
  readonly status?: number;
}

/** The switches that break the emulator on purpose. One fault is set at a time for each plane. */
export interface FaultSwitches {
  /** Sets a fault on its plane, or on both, in place of the one before. */
  set(fault: Fault | FaultKind): void;
  /** Mends everything. */
  clear(): void;
  /** The faults that are set, one for each struck plane. */
  active(): readonly Fault[];
}

/** {@link FaultSwitches}, and how the server asks which fault the next request meets. */
export interface FaultBoard extends FaultSwitches {
  /** The fault that strikes this request, counted as one of its `times`. */
  strike(plane: Plane): Fault | undefined;
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
    strike(plane) {
      const entry = armed.get(plane);
      if (entry === undefined || entry.left <= 0) return undefined;
      entry.left -= 1;
      return entry.fault;
    },
  };
}
