/** What came of a sequence number. `skipped`: how many lower ones will not be taken any more. */
export type Admission = { readonly isNew: false } | { readonly isNew: true; readonly skipped: number };

/**
 * Remembers which batches of one sender were counted, in bounded memory and in whatever order they arrive. In doubt a
 * number was counted: no batch is ever counted twice.
 */
export interface SequenceWindow {
  /** @param acknowledged no batch up to this number will be sent again. */
  admit(sequence: number, acknowledged: number): Admission;
}

/** Batches of one sender that may overtake a missing one. */
const MAX_AHEAD = 1024;

export function createSequenceWindow(maxAhead = MAX_AHEAD): SequenceWindow {
  /** Every number up to here was counted, or is given up. */
  let floor = 0;
  const ahead = new Set<number>();

  const raise = (to: number) => {
    if (to > floor) floor = to;
    for (const sequence of ahead) if (sequence <= floor) ahead.delete(sequence);
    while (ahead.delete(floor + 1)) floor += 1;
  };
  /** A number that is missing for so long is given up. */
  const giveUp = (): number => {
    let lowest = Number.POSITIVE_INFINITY;
    for (const sequence of ahead) lowest = Math.min(lowest, sequence);
    const skipped = lowest - 1 - floor;
    raise(lowest);
    return skipped;
  };
  return {
    admit(sequence, acknowledged) {
      raise(acknowledged);
      if (sequence <= floor || ahead.has(sequence)) return { isNew: false };
      ahead.add(sequence);
      raise(floor);
      return { isNew: true, skipped: ahead.size > maxAhead ? giveUp() : 0 };
    },
  };
}
