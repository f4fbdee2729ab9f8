import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createDiskCache, type DiskCache } from '../../src/disk-cache/disk-cache.ts';
import {
  createPolledSource,
  type FlagStore,
  type Poll,
  type PolledFlagSource,
} from '../../src/polling/polled-source.ts';
import { temporaryFolder } from '../fixture/temporary-folder.ts';

const GOOD: Poll = {
  result: { kind: 'document', text: '{}', version: null },
  intervalMs: 15_000,
  nextPollMs: 15_000,
};

/** A store whose polls end when the test says so. */
function createControlledStore() {
  const pending: ((poll: Poll | Promise<Poll>) => void)[] = [];
  const signals: AbortSignal[] = [];
  let closed = 0;
  const store: FlagStore = {
    poll(signal) {
      signals.push(signal);
      return new Promise((resolve) => pending.push(resolve));
    },
    close() {
      closed += 1;
    },
  };
  return {
    store,
    signals,
    polls: () => pending.length,
    closed: () => closed,
    fail: (error: Error) => pending.at(-1)?.(Promise.reject(error)),
    reply: (poll: Poll) => pending.at(-1)?.(poll),
    async complete(poll: Poll) {
      pending.at(-1)?.(poll);
      await vi.advanceTimersByTimeAsync(0);
    },
  };
}

describe('a polled source', () => {
  let controlled: ReturnType<typeof createControlledStore>;
  let source: PolledFlagSource;

  beforeEach(() => {
    vi.useFakeTimers();
    controlled = createControlledStore();
    source = createPolledSource({ source: 'test', store: controlled.store, intervalMs: 15_000, now: Date.now });
  });

  afterEach(() => {
    source.close();
    vi.useRealTimers();
  });

  it('polls at once, and again only after the previous poll and its pause have ended', async () => {
    expect(controlled.polls()).toBe(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(controlled.polls()).toBe(1);
    await controlled.complete(GOOD);
    await vi.advanceTimersByTimeAsync(14_999);
    expect(controlled.polls()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(controlled.polls()).toBe(2);
  });

  it('is stale after three missed polls', async () => {
    await controlled.complete(GOOD);
    await vi.advanceTimersByTimeAsync(45_000);
    expect(source.snapshot().stale).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(source.snapshot().stale).toBe(true);
  });

  it('measures staleness by the interval that the store sets', async () => {
    await controlled.complete({ ...GOOD, intervalMs: 60_000, nextPollMs: 60_000 });
    await vi.advanceTimersByTimeAsync(180_000);
    expect(source.snapshot().stale).toBe(false);
  });

  it('does not call a fast source stale within five seconds', async () => {
    await controlled.complete({ ...GOOD, intervalMs: 250, nextPollMs: 250 });
    await vi.advanceTimersByTimeAsync(5000);
    expect(source.snapshot().stale).toBe(false);
  });

  describe('of a store that announces changes', () => {
    let pollSoon: () => void;

    beforeEach(() => {
      source.close();
      controlled = createControlledStore();
      const watch = (listener: () => void) => {
        pollSoon = listener;
      };
      source = createPolledSource({
        source: 'test',
        store: { ...controlled.store, watch },
        intervalMs: 15_000,
        now: Date.now,
      });
    });

    it('polls soon, once for a burst, and then at the interval again', async () => {
      await controlled.complete(GOOD);
      for (let change = 0; change < 100; change += 1) pollSoon();
      await vi.advanceTimersByTimeAsync(100);
      expect(controlled.polls()).toBe(2);
      await controlled.complete(GOOD);
      await vi.advanceTimersByTimeAsync(14_999);
      expect(controlled.polls()).toBe(2);
      await vi.advanceTimersByTimeAsync(1);
      expect(controlled.polls()).toBe(3);
    });

    it('polls again after a poll that was under way', async () => {
      pollSoon();
      expect(controlled.polls()).toBe(1);
      await controlled.complete(GOOD);
      await vi.advanceTimersByTimeAsync(100);
      expect(controlled.polls()).toBe(2);
    });

    it('ignores changes announced after it was closed', async () => {
      await controlled.complete(GOOD);
      source.close();
      pollSoon();
      await vi.advanceTimersByTimeAsync(60_000);
      expect(controlled.polls()).toBe(1);
    });
  });

  it('goes on polling after a poll that rejects', async () => {
    controlled.fail(new Error('a bug'));
    await source.firstPoll;
    expect(source.snapshot().problem).toMatch(/unexpectedly/);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(controlled.polls()).toBe(2);
  });

  it('aborts the poll, schedules no other and closes the store when closed', async () => {
    source.close();
    expect(controlled.signals[0]?.aborted).toBe(true);
    expect(controlled.closed()).toBe(1);
    await controlled.complete(GOOD);
    await source.firstPoll;
    expect(source.refreshes().updated).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a polled source with a disk cache', () => {
  const CLOSED: Poll = {
    ...GOOD,
    result: { kind: 'document', text: '{"accept-legacy":{"enabled":false}}', version: null },
  };
  let controlled: ReturnType<typeof createControlledStore>;

  function open(cache: DiskCache): PolledFlagSource {
    controlled = createControlledStore();
    const source = createPolledSource({
      source: 'test',
      store: controlled.store,
      intervalMs: 60_000,
      now: Date.now,
      cache,
    });
    onTestFinished(() => source.close());
    return source;
  }

  async function polled(): Promise<void> {
    await vi.waitFor(() => expect(controlled.polls()).toBe(1));
  }

  it('publishes a position only after it is on disk', async () => {
    const cache = createDiskCache(temporaryFolder(), { name: 'orders' }, Date.now);
    const source = open(cache);
    const written: boolean[] = [];
    source.subscribe(() => written.push(existsSync(cache.path)));
    await polled();
    controlled.reply(CLOSED);
    expect(source.snapshot().document.acceptance).toBe('both');
    await source.firstPoll;
    expect(source.snapshot().document.acceptance).toBe('target');
    expect(written).toEqual([true]);
  });

  it('has the position from before the restart until the store responds', async () => {
    const cache = createDiskCache(temporaryFolder(), { name: 'orders' }, Date.now);
    await cache.save({ text: '{"accept-legacy":{"enabled":false}}', version: '9', confirmedAtMs: 1 });
    const source = open(cache);
    expect(source.snapshot().stale).toBe(true);
    await polled();
    expect(source.snapshot()).toMatchObject({ document: { acceptance: 'target' }, revision: '9', stale: true });
    controlled.reply(CLOSED);
    await source.firstPoll;
    expect(source.snapshot()).toMatchObject({ document: { acceptance: 'target' }, stale: false });
  });

  it('publishes a position even if the disk refuses writes, and reports the problem', async () => {
    const folder = join(temporaryFolder(), 'state');
    writeFileSync(folder, 'blocks the directory');
    const source = open(createDiskCache(folder, { name: 'orders' }, Date.now));
    await polled();
    controlled.reply(CLOSED);
    await source.firstPoll;
    expect(source.snapshot()).toMatchObject({ document: { acceptance: 'target' }, stale: false });
    expect(source.snapshot().problem).toMatch(/^the flags are not cached on disk: /);
  });

  it('reports at once that the store is down while the disk hangs, and then what is wrong with both', async () => {
    const saves: ((error: Error) => void)[] = [];
    const cache: DiskCache = {
      path: '/state/flags.json',
      load: async () => ({ kind: 'none' }),
      save: () => new Promise((_, reject) => saves.push(reject)),
    };
    const source = open(cache);
    await polled();
    controlled.reply({ ...CLOSED, nextPollMs: 1 });
    await vi.waitFor(() => expect(saves).toHaveLength(1));
    saves[0]?.(Object.assign(new Error('full'), { code: 'ENOSPC' }));
    await source.firstPoll;
    const notCached = 'the flags are not cached on disk: /state/flags.json';
    expect(source.snapshot().problem).toBe(`${notCached} has no space left on its device`);
    await vi.waitFor(() => expect(controlled.polls()).toBe(2));
    controlled.reply({ ...GOOD, result: { kind: 'failed', problem: 'AppConfig is down' } });
    await vi.waitFor(() => expect(saves).toHaveLength(2));
    expect(source.snapshot().problem).toBe(`AppConfig is down; ${notCached} has no space left on its device`);
    saves[1]?.(Object.assign(new Error('quota'), { code: 'EDQUOT' }));
    await vi.waitFor(() =>
      expect(source.snapshot().problem).toBe(`AppConfig is down; ${notCached} has no space left in its disk quota`),
    );
  });

  it('does not poll when closed while restoring, and publishes nothing when closed while writing', async () => {
    const cache = createDiskCache(temporaryFolder(), { name: 'orders' }, Date.now);
    const restoring = open(cache);
    restoring.close();
    await restoring.firstPoll;
    expect(controlled.polls()).toBe(0);
    const writing = open(cache);
    await polled();
    controlled.reply(CLOSED);
    await Promise.resolve();
    writing.close();
    await writing.firstPoll;
    expect(writing.refreshes().updated).toBe(0);
  });
});

describe('a polled source in a process that was frozen, with its timers', () => {
  /** The wall clock moves on, timers do not. */
  function createFrozen(poll: FlagStore['poll']) {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    let frozenMs = 0;
    const source = createPolledSource({
      source: 'test',
      store: { poll, close() {} },
      intervalMs: 15_000,
      now: () => Date.now() + frozenMs,
    });
    onTestFinished(() => void source.close());
    return {
      source,
      freeze: (ms: number) => {
        frozenMs += ms;
      },
    };
  }

  it('polls when its snapshot is read and a poll is overdue, and not before', async () => {
    let polls = 0;
    const { source, freeze } = createFrozen(async () => {
      polls += 1;
      return GOOD;
    });
    await vi.advanceTimersByTimeAsync(0);
    freeze(10_000);
    source.snapshot();
    await vi.advanceTimersByTimeAsync(0);
    expect(polls).toBe(1);
    freeze(3_600_000);
    source.snapshot();
    source.snapshot();
    await vi.advanceTimersByTimeAsync(0);
    expect(polls).toBe(2);
  });

  it('gives up a poll that slept after a second, and repeats it soon, a few times', async () => {
    const failed: Poll = { ...GOOD, result: { kind: 'failed', problem: 'gave up' } };
    let polls = 0;
    const { freeze } = createFrozen((signal) => {
      polls += 1;
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve(failed));
        if (polls > 1) resolve(failed);
      });
    });
    freeze(3_600_000);
    await vi.advanceTimersByTimeAsync(1300);
    expect(polls).toBe(1);
    await vi.advanceTimersByTimeAsync(5000);
    expect(polls).toBe(3);
  });
});
