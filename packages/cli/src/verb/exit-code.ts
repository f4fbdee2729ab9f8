/** The exit codes of every verb. Scripts depend on the numbers. */
export const EXIT = {
  /** Done, or the gate passes. */
  done: 0,
  /** Refused, or the gate fails. */
  refused: 1,
  /** The command line or the configuration is wrong. */
  usage: 2,
  /** Something that Crossfade depends on cannot be reached. */
  unavailable: 3,
  /** The gate is inconclusive, or a change is written but not confirmed. */
  inconclusive: 4,
  /** Another writer changed, or is changing, the flags. */
  conflict: 5,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
