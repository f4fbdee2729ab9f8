/** How many gaps between scrapes are remembered: two replicas of Prometheus that scrape in turn show two kinds of gap. */
const REMEMBERED_GAPS = 4;

/** How the wait for a last scrape ended. `unknown`: there was none, because fewer than two scrapes were seen. */
export interface LastScrape {
  readonly end: 'scraped' | 'missed' | 'unknown';
  /** How long it could have lasted. */
  readonly limitMs: number;
}

/** The scrapes of a process by a monitoring system. */
export interface ScrapeRecord {
  /** Notes that one begins; the result notes that its response has left. */
  begin(): () => void;
  /**
   * Waits for one more, so that the last counts are not lost: at most two intervals as seen, and `graceMs`. Does not wait
   * where fewer than two scrapes were seen, because no interval is known.
   */
  awaitLast(graceMs: number): Promise<LastScrape>;
}

/**
 * Creates a record of no scrape.
 * @param now a monotonic clock, in ms.
 */
export function createScrapeRecord(now: () => number = () => performance.now()): ScrapeRecord {
  let gaps: readonly number[] = [];
  let previousMs: number | undefined;
  let onLast: (() => void) | undefined;

  return {
    begin() {
      const atMs = now();
      if (previousMs !== undefined) gaps = [...gaps, atMs - previousMs].slice(-REMEMBERED_GAPS);
      previousMs = atMs;
      // One that began before the counts were final does not have them.
      const onServed = onLast;
      return () => onServed?.();
    },
    awaitLast(graceMs) {
      if (gaps.length === 0) return Promise.resolve({ end: 'unknown', limitMs: 0 });
      const limitMs = Math.max(0, Math.min(2 * Math.max(...gaps), graceMs));
      return new Promise((resolve) => {
        const timer = setTimeout(() => resolve({ end: 'missed', limitMs }), limitMs);
        onLast = () => {
          clearTimeout(timer);
          resolve({ end: 'scraped', limitMs });
        };
      });
    },
  };
}
