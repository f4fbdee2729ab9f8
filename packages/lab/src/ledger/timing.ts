/** How fast a rehearsal runs: the lifetimes the plan states, and how long each step lets traffic flow. */
export interface Tempo {
  readonly tokenLifetimeSeconds: number;
  readonly sessionLifetimeSeconds: number;
  /** Access tokens are renewed when they have less than this left. */
  readonly renewalMarginSeconds: number;
  readonly silenceSeconds: number;
  /** What the flag store asks its readers to wait between two looks. */
  readonly pollIntervalSeconds: number;
  /** How long traffic flows before the next move. */
  readonly holdMs: number;
  /** How many looks of each reader at the flag store fail in the outage. */
  readonly outagePolls: number;
  /** Requests of the whole population in a second, as long as it is small; a larger one adds to it. */
  readonly requestsPerSecond: number;
}

const FAST: Tempo = {
  tokenLifetimeSeconds: 4,
  sessionLifetimeSeconds: 6,
  renewalMarginSeconds: 2,
  silenceSeconds: 3,
  pollIntervalSeconds: 1,
  holdMs: 2000,
  outagePolls: 2,
  requestsPerSecond: 45,
};

const USUAL: Tempo = {
  tokenLifetimeSeconds: 10,
  sessionLifetimeSeconds: 25,
  renewalMarginSeconds: 4,
  silenceSeconds: 10,
  pollIntervalSeconds: 3,
  holdMs: 6000,
  outagePolls: 3,
  requestsPerSecond: 20,
};

/** The tempo of a rehearsal. */
export function tempoOf({ fast }: { readonly fast: boolean }): Tempo {
  return fast ? FAST : USUAL;
}
