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

/** A store that answers each look when it is told to. */
function createHandStore() {
  const answers: ((poll: Poll | Promise<Poll>) => void)[] = [];
  const signals: AbortSignal[] = [];
  let closed = 0;
  const store: FlagStore = {
    poll(signal) {
      signals.push(signal);
      return new Promise((resolve) => answers.push(resolve));
    },
    close() {
      closed += 1;
    },
  };
  return {
    store,
    signals,
    polls: () => answers.length,
    closed: () => closed,
    fail: (error: Error) => answers.at(-1)?.(Promise.reject(error)),
    reply: (poll: Poll) => answers.at(-1)?.(poll),
    async answer(poll: Poll) {
      answers.at(-1)?.(poll);
      await vi.advanceTimersByTimeAsync(0);
    },
  };
}

describe('a polled source', () => {
  let hand: ReturnType<typeof createHandStore>;
  let source: PolledFlagSource;

  beforeEach(() => {
    vi.useFakeTimers();
    hand = createHandStore();
    source = createPolledSource({ store: hand.store, intervalMs: 15_000, now: Date.now });
  });

  afterEach(() => {
    source.close();
    vi.useRealTimers();
  });

  it('looks at once, and again only when the look before has ended and its pause is over', async () => {
    expect(hand.polls()).toBe(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(hand.polls()).toBe(1);
    await hand.answer(GOOD);
    await vi.advanceTimersByTimeAsync(14_999);
    expect(hand.polls()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(hand.polls()).toBe(2);
  });

  it('is stale after three missed looks', async () => {
    await hand.answer(GOOD);
    await vi.advanceTimersByTimeAsync(45_000);
    expect(source.snapshot().stale).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(source.snapshot().stale).toBe(true);
  });

  it('measures staleness by the pace that the store sets', async () => {
    await hand.answer({ ...GOOD, intervalMs: 60_000, nextPollMs: 60_000 });
    await vi.advanceTimersByTimeAsync(180_000);
    expect(source.snapshot().stale).toBe(false);
  });

  it('does not call a fast source stale within five seconds', async () => {
    await hand.answer({ ...GOOD, intervalMs: 250, nextPollMs: 250 });
    await vi.advanceTimersByTimeAsync(5000);
    expect(source.snapshot().stale).toBe(false);
  });

  describe('of a store that tells of its changes', () => {
    let pollSoon: () => void;

    beforeEach(() => {
      source.close();
      hand = createHandStore();
      const watch = (listener: () => void) => {
        pollSoon = listener;
      };
      source = createPolledSource({ store: { ...hand.store, watch }, intervalMs: 15_000, now: Date.now });
    });

    it('looks soon, once for a burst, and then at the interval again', async () => {
      await hand.answer(GOOD);
      for (let news = 0; news < 100; news += 1) pollSoon();
      await vi.advanceTimersByTimeAsync(100);
      expect(hand.polls()).toBe(2);
      await hand.answer(GOOD);
      await vi.advanceTimersByTimeAsync(14_999);
      expect(hand.polls()).toBe(2);
      await vi.advanceTimersByTimeAsync(1);
      expect(hand.polls()).toBe(3);
    });

    it('looks again after a look that was under way', async () => {
      pollSoon();
      expect(hand.polls()).toBe(1);
      await hand.answer(GOOD);
      await vi.advanceTimersByTimeAsync(100);
      expect(hand.polls()).toBe(2);
    });

    it('looks no more for news that come after it was closed', async () => {
      await hand.answer(GOOD);
      source.close();
      pollSoon();
      await vi.advanceTimersByTimeAsync(60_000);
      expect(hand.polls()).toBe(1);
    });
  });

  it('goes on looking when a look fails by mistake', async () => {
    hand.fail(new Error('a bug'));
    await source.firstPoll;
    expect(source.snapshot().problem).toMatch(/unexpectedly/);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(hand.polls()).toBe(2);
  });

  it('aborts the look, plans no other and lets go of the store when closed', async () => {
    source.close();
    expect(hand.signals[0]?.aborted).toBe(true);
    expect(hand.closed()).toBe(1);
    await hand.answer(GOOD);
    await source.firstPoll;
    expect(source.refreshes().updated).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a polled source with a copy on disk', () => {
  const CLOSED: Poll = {
    ...GOOD,
    result: { kind: 'document', text: '{"accept-legacy":{"enabled":false}}', version: null },
  };
  let hand: ReturnType<typeof createHandStore>;

  function open(cache: DiskCache): PolledFlagSource {
    hand = createHandStore();
    const source = createPolledSource({ store: hand.store, intervalMs: 60_000, now: Date.now, cache });
    onTestFinished(() => source.close());
    return source;
  }

  async function polled(): Promise<void> {
    await vi.waitFor(() => expect(hand.polls()).toBe(1));
  }

  it('acts on a position only when it is written down', async () => {
    const cache = createDiskCache(temporaryFolder(), { name: 'orders' }, Date.now);
    const source = open(cache);
    const written: boolean[] = [];
    source.subscribe(() => written.push(existsSync(cache.path)));
    await polled();
    hand.reply(CLOSED);
    expect(source.snapshot().document.acceptance).toBe('both');
    await source.firstPoll;
    expect(source.snapshot().document.acceptance).toBe('target');
    expect(written).toEqual([true]);
  });

  it('has the position of its earlier life before the store has answered', async () => {
    const cache = createDiskCache(temporaryFolder(), { name: 'orders' }, Date.now);
    await cache.save({ text: '{"accept-legacy":{"enabled":false}}', version: '9', confirmedAtMs: 1 });
    const source = open(cache);
    expect(source.snapshot().stale).toBe(true);
    await polled();
    expect(source.snapshot()).toMatchObject({ document: { acceptance: 'target' }, revision: '9', stale: true });
    hand.reply(CLOSED);
    await source.firstPoll;
    expect(source.snapshot()).toMatchObject({ document: { acceptance: 'target' }, stale: false });
  });

  it('acts all the same when the disk takes nothing, and says so', async () => {
    const folder = join(temporaryFolder(), 'state');
    writeFileSync(folder, 'in the way');
    const source = open(createDiskCache(folder, { name: 'orders' }, Date.now));
    await polled();
    hand.reply(CLOSED);
    await source.firstPoll;
    expect(source.snapshot()).toMatchObject({ document: { acceptance: 'target' }, stale: false });
    expect(source.snapshot().problem).toMatch(/^the flags are not cached on disk: /);
  });

  it('looks at nothing when it is closed while it restores, and acts on nothing while it writes', async () => {
    const cache = createDiskCache(temporaryFolder(), { name: 'orders' }, Date.now);
    const restoring = open(cache);
    restoring.close();
    await restoring.firstPoll;
    expect(hand.polls()).toBe(0);
    const writing = open(cache);
    await polled();
    hand.reply(CLOSED);
    await Promise.resolve();
    writing.close();
    await writing.firstPoll;
    expect(writing.refreshes().updated).toBe(0);
  });
});
