/** How fast a rehearsal runs: the lifetimes in the plan, and how long traffic flows in each step. */
export interface Timing {
  readonly tokenLifetimeSeconds: number;
  readonly sessionLifetimeSeconds: number;
  readonly silenceSeconds: number;
  /** The poll interval that the flag store sets for its readers. */
  readonly pollIntervalSeconds: number;
  /** How long traffic flows before the next step. */
  readonly holdMs: number;
  /** How many polls of each reader fail during the flag store outage. */
  readonly outagePolls: number;
  /** Requests per second of the whole population; a large population exceeds it. */
  readonly requestsPerSecond: number;
}

const FAST: Timing = {
  tokenLifetimeSeconds: 4,
  sessionLifetimeSeconds: 6,
  silenceSeconds: 3,
  pollIntervalSeconds: 1,
  holdMs: 2000,
  outagePolls: 2,
  requestsPerSecond: 45,
};

const STANDARD: Timing = {
  tokenLifetimeSeconds: 10,
  sessionLifetimeSeconds: 25,
  silenceSeconds: 10,
  pollIntervalSeconds: 3,
  holdMs: 6000,
  outagePolls: 3,
  requestsPerSecond: 20,
};

/** Returns the timing of a rehearsal. */
export function timingOf({ fast }: { readonly fast: boolean }): Timing {
  return fast ? FAST : STANDARD;
}
