import { createScrapeRecord, type ScrapeRecord } from '@crossfade/validator/meter';
import type { Log } from './log.ts';

/** The scrapes of `/metrics` by a monitoring system. */
export interface Scrapes extends Pick<ScrapeRecord, 'begin'> {
  /** Waits for one more, as {@link ScrapeRecord} does, and logs how that ended. */
  awaitLast(graceMs: number): Promise<void>;
}

export interface ScrapesOptions {
  readonly log: Log;
  /** A monotonic clock, in ms. */
  readonly now?: () => number;
}

/** Creates a record of no scrape. */
export function createScrapes({ log, now }: ScrapesOptions): Scrapes {
  const { begin, awaitLast } = createScrapeRecord(now);
  return {
    begin,
    async awaitLast(graceMs) {
      const { end, limitMs } = await awaitLast(graceMs);
      if (end === 'scraped') log.info({ event: 'last_scrape' }, 'the final counts were scraped');
      if (end === 'missed')
        log.warn(
          { event: 'last_scrape', waitedMs: Math.round(limitMs) },
          'the final counts were not scraped: what was counted since the last scrape is in this log alone',
        );
    },
  };
}
