/** What holds bytes that belong to no complete request yet. */
export interface UnfinishedHolder {
  /** Lets go of them, and of its connection. */
  evict(): void;
}

/** The bytes of unfinished header sections, and of what clients send ahead, over all connections of a server. */
export interface UnfinishedBytes {
  /** Says how many bytes there are now; above the limit, evicts those who have held theirs the longest. */
  set(holder: UnfinishedHolder, bytes: number): void;
}

/**
 * Bounds them all together: a limit for each connection is no limit on memory, since there may be many. A header section
 * arrives within moments, so that the one that has been unfinished the longest is the one to give up.
 */
export function createUnfinishedBytes(limit: number): UnfinishedBytes {
  /** In the order in which they began. */
  const holders = new Map<UnfinishedHolder, number>();
  let total = 0;
  return {
    set(holder, bytes) {
      total += bytes - (holders.get(holder) ?? 0);
      if (bytes === 0) holders.delete(holder);
      else holders.set(holder, bytes);
      while (total > limit) {
        const [oldest] = holders;
        if (oldest === undefined) return;
        total -= oldest[1];
        holders.delete(oldest[0]);
        oldest[0].evict();
      }
    },
  };
}
