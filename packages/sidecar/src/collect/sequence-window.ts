/** Whether a sequence number is new; `skipped`: how many lower ones are given up by accepting it. */
export type SequenceResult = { readonly isNew: false } | { readonly isNew: true; readonly skipped: number };

/**
 * Remembers which batches of one sender were counted, in bounded memory and in any order of arrival. When in doubt, a
 * batch counts as known: no batch is ever counted twice.
 */
export interface SequenceWindow {
  /** @param acknowledged no batch up to this number will be sent again. */
  add(sequence: number, acknowledged: number): SequenceResult;
}

/** How many batches of one sender may arrive ahead of a missing one. */
const MAX_AHEAD = 1024;

export function createSequenceWindow(maxAhead = MAX_AHEAD): SequenceWindow {
  /** Every number up to here was counted or is given up. */
  let floor = 0;
  const ahead = new Set<number>();

  const raiseFloor = (to: number) => {
    if (to > floor) floor = to;
    for (const sequence of ahead) if (sequence <= floor) ahead.delete(sequence);
    while (ahead.delete(floor + 1)) floor += 1;
  };
  /** Gives up the numbers that are missing below the lowest one ahead. Returns how many. */
  const giveUpMissing = (): number => {
    let lowest = Number.POSITIVE_INFINITY;
    for (const sequence of ahead) lowest = Math.min(lowest, sequence);
    const skipped = lowest - 1 - floor;
    raiseFloor(lowest);
    return skipped;
  };
  return {
    add(sequence, acknowledged) {
      raiseFloor(acknowledged);
      if (sequence <= floor || ahead.has(sequence)) return { isNew: false };
      ahead.add(sequence);
      raiseFloor(floor);
      return { isNew: true, skipped: ahead.size > maxAhead ? giveUpMissing() : 0 };
    },
  };
}
