/** What every verb ends with. Scripts depend on the numbers. */
export const EXIT = {
  /** Done, or the gate passes. */
  done: 0,
  /** Refused, or the gate fails. */
  refused: 1,
  /** The command line or the configuration is wrong. */
  usage: 2,
  /** Something Crossfade depends on can't be reached. */
  unavailable: 3,
  /** Nobody can tell: the gate is inconclusive, or a change was written and not confirmed. */
  inconclusive: 4,
  /** Somebody else changed, or is changing, the flags. */
  conflict: 5,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
