import { describe, expect, test, vi } from 'vitest';
import { createScrapes } from '../../src/process/scrapes.ts';

function open() {
  let nowMs = 0;
  const info = vi.fn();
  const warn = vi.fn();
  const scrapes = createScrapes({ log: { info, warn }, now: () => nowMs });
  const scrape = (atMs: number) => {
    nowMs = atMs;
    scrapes.begin()();
  };
  return { scrapes, scrape, info, warn };
}

describe('waiting for the last scrape', () => {
  test('ends at once where no interval is known', async () => {
    const { scrapes, scrape, warn } = open();
    await scrapes.awaitLast(60_000);
    scrape(1000);
    await scrapes.awaitLast(60_000);
    expect(warn).not.toHaveBeenCalled();
  });

  test('ends with the first scrape that begins after the counts are final', async () => {
    const { scrapes, scrape, info, warn } = open();
    scrape(0);
    scrape(60_000);
    const early = scrapes.begin();
    let isOver = false;
    const waiting = scrapes.awaitLast(60_000).then(() => {
      isOver = true;
    });
    early();
    await Promise.resolve();
    expect(isOver).toBe(false);
    scrape(120_000);
    await waiting;
    expect(info).toHaveBeenCalledTimes(1);
    expect(warn).not.toHaveBeenCalled();
  });

  test('lasts at most two intervals, the longest of those seen, and says that the counts are in the log alone', async () => {
    vi.useFakeTimers();
    try {
      const { scrapes, scrape, warn } = open();
      for (const atMs of [0, 10_000, 60_000, 70_000]) scrape(atMs);
      let isOver = false;
      void scrapes.awaitLast(600_000).then(() => {
        isOver = true;
      });
      await vi.advanceTimersByTimeAsync(99_999);
      expect(isOver).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      expect(isOver).toBe(true);
      expect(warn).toHaveBeenCalledWith(
        { event: 'last_scrape', waitedMs: 100_000 },
        expect.stringContaining('this log alone'),
      );
    } finally {
      vi.useRealTimers();
    }
  });

  test('never lasts beyond its grace', async () => {
    vi.useFakeTimers();
    try {
      const { scrapes, scrape } = open();
      scrape(0);
      scrape(60_000);
      const waiting = scrapes.awaitLast(5000);
      await vi.advanceTimersByTimeAsync(5000);
      await waiting;
      const late = scrapes.awaitLast(-1);
      await vi.advanceTimersByTimeAsync(1);
      await late;
    } finally {
      vi.useRealTimers();
    }
  });
});
