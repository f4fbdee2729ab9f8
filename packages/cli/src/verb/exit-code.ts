/** The exit codes of every verb. Scripts depend on the numbers. */
export const EXIT = {
  /** Done, or the gate passes. */
  done: 0,
  /**
   * Refused or declined, the gate or a check of `doctor` fails, the inspected token is rejected, `verify` has a finding,
   * `parity` a loss: read the reasons.
   */
  refused: 1,
  /** The command line, the plan or the flag document is wrong: fix every problem listed. */
  usage: 2,
  /**
   * The flag store, Prometheus, an issuer, or an API that `verify` asks, cannot be reached. `rollback` prints what to do by
   * hand.
   */
  unavailable: 3,
  /**
   * The gate is inconclusive, a change is written but not confirmed, or a token or a response tells nothing: check each meter
   * that is named.
   */
  inconclusive: 4,
  /** Another writer changed, or is changing, the flags: `crossfade status`, then decide again. */
  conflict: 5,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
