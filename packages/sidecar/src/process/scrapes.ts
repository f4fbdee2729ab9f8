import type { Log } from './log.ts';

/** How many gaps between scrapes are remembered: two replicas of Prometheus that scrape in turn show two kinds of gap. */
const REMEMBERED_GAPS = 4;

/** The scrapes of `/metrics` by a monitoring system. */
export interface Scrapes {
  /** Notes that one begins; the result notes that its response has left. */
  begin(): () => void;
  /**
   * Waits for one more, so that the last counts are not lost: at most two intervals as seen, and `graceMs`. Does not wait
   * where fewer than two scrapes were seen, because no interval is known.
   */
  awaitLast(graceMs: number): Promise<void>;
}

export interface ScrapesOptions {
  readonly log: Log;
  /** A monotonic clock, in ms. */
  readonly now?: () => number;
}

/** Creates a record of no scrape. */
export function createScrapes({ log, now = () => performance.now() }: ScrapesOptions): Scrapes {
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
    async awaitLast(graceMs) {
      if (gaps.length === 0) return;
      const waitMs = Math.max(0, Math.min(2 * Math.max(...gaps), graceMs));
      const wasScraped = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(false), waitMs);
        onLast = () => {
          clearTimeout(timer);
          resolve(true);
        };
      });
      if (wasScraped) log.info({ event: 'last_scrape' }, 'the final counts were scraped');
      else
        log.warn(
          { event: 'last_scrape', waitedMs: Math.round(waitMs) },
          'the final counts were not scraped: what was counted since the last scrape is in this log alone',
        );
    },
  };
}
