import type { Clock, FlagSource } from '@crossfade/core';
import type { CachedFlags, DiskCache } from '../disk-cache/disk-cache.ts';
import { createDiskCacheWriter } from './disk-cache-writer.ts';
import { flagsHash } from './flags-hash.ts';
import { createLastGood, type PollResult } from './last-good.ts';
import { isOverdue, watchForPause } from './pause-watch.ts';

/** One poll of a store: its result, and when to poll again. */
export interface Poll {
  readonly result: PollResult;
  /** The regular poll interval. */
  readonly intervalMs: number;
  /** The pause before the next poll; longer than `intervalMs` while backing off. */
  readonly nextPollMs: number;
}

/** A store that can be polled, one poll at a time. */
export interface FlagStore {
  /** Reports an outage as a `failed` result; rejects only because of a bug. Ends soon after `signal` is aborted. */
  poll(signal: AbortSignal): Promise<Poll>;
  /** For a store that announces changes: calls `pollSoon` at each. The regular polls go on. */
  watch?(pollSoon: () => void): void;
  /** Closes its connections. */
  close(): void;
}

/** A flag source that polls its store, starting at once. Does not keep the process alive. */
export interface PolledFlagSource extends FlagSource {
  /** Resolves when the first poll has ended, whether it succeeded or failed. Never rejects. */
  readonly firstPoll: Promise<void>;
  /** Stops polling. The last snapshot stays readable and ages. */
  close(): void;
}

const MISSED_POLLS = 3;
// A busy machine may run timers seconds late; with a poll every 250 ms the flags must not flap to stale.
const LEAST_STALE_AFTER_MS = 5000;
// Merges a burst of changes into one poll, and limits a store that announces a change at each poll.
const SOON_MS = 50;

// Connections die while a process is paused: what fails right after is asked again soon, instead of an interval later.
const RETRIES_AFTER_PAUSE = 3;
const RETRY_MS = 100;

function staleAfterMs(intervalMs: number): number {
  return Math.max(MISSED_POLLS * intervalMs, LEAST_STALE_AFTER_MS);
}

export function createPolledSource(options: {
  readonly store: FlagStore;
  readonly intervalMs: number;
  readonly now: Clock;
  /** The store's name, as snapshots carry it. */
  readonly source: string;
  /** Holds the last good document across restarts. Default: none. */
  readonly cache?: DiskCache | undefined;
}): PolledFlagSource {
  const { store, intervalMs, now, source, cache } = options;
  const writer = cache && createDiskCacheWriter(cache);
  const lastGood = createLastGood({ now, staleAfterMs: staleAfterMs(intervalMs), source, hash: flagsHash });
  const closing = new AbortController();
  const unexpected: Poll = {
    result: { kind: 'failed', problem: 'polling the flag store failed unexpectedly' },
    intervalMs,
    nextPollMs: intervalMs,
  };
  let timer: NodeJS.Timeout | undefined;
  let isPolling = true;
  let isSoon = false;
  /** When the next poll is due, by the wall clock. */
  let dueAtMs = now();
  /** How many more times a poll that fails is repeated soon. */
  let retries = 0;

  function schedulePoll(pauseMs: number): void {
    clearTimeout(timer);
    dueAtMs = now() + pauseMs;
    timer = setTimeout(() => void pollAndScheduleNext(), pauseMs);
    timer.unref();
  }

  function pollSoon(): void {
    if (isSoon || closing.signal.aborted) return;
    isSoon = true;
    if (!isPolling) schedulePoll(SOON_MS);
  }

  /** Timers stand still while a process is frozen between requests: the first one after it starts the poll that is due. */
  function pollIfOverdue(): void {
    if (isPolling || closing.signal.aborted || !isOverdue(dueAtMs, now())) return;
    retries = RETRIES_AFTER_PAUSE;
    schedulePoll(0);
  }

  async function pollAndScheduleNext(): Promise<void> {
    isPolling = true;
    isSoon = false;
    const startedAtMs = now();
    if (isOverdue(dueAtMs, startedAtMs)) retries = RETRIES_AFTER_PAUSE;
    const ending = new AbortController();
    const end = () => ending.abort(closing.signal.reason);
    closing.signal.addEventListener('abort', end, { once: true });
    const endWatch = watchForPause(now, end);
    const poll = await store.poll(ending.signal).catch(() => unexpected);
    closing.signal.removeEventListener('abort', end);
    if (!closing.signal.aborted) {
      lastGood.staleAfter(staleAfterMs(poll.intervalMs));
      await record(poll.result, startedAtMs);
    }
    const wasPaused = endWatch();
    if (closing.signal.aborted) return;
    isPolling = false;
    schedulePoll(isSoon ? SOON_MS : pauseAfter(poll, startedAtMs, wasPaused));
  }

  function pauseAfter({ result, nextPollMs }: Poll, startedAtMs: number, wasPaused: boolean): number {
    if (wasPaused) retries = RETRIES_AFTER_PAUSE;
    retries = result.kind === 'failed' ? retries - 1 : 0;
    if (retries > 0) return Math.min(RETRY_MS, nextPollMs);
    // What arrived before the pause may be out of date: the interval counts from the request.
    return wasPaused ? Math.min(Math.max(startedAtMs + nextPollMs - now(), RETRY_MS), nextPollMs) : nextPollMs;
  }

  async function record(result: PollResult, startedAtMs: number): Promise<void> {
    if (result.kind === 'document') {
      // Write before listeners act on it: what they acted on must still hold after a crash.
      await writer?.write(result, startedAtMs);
      if (!closing.signal.aborted) lastGood.record(result, writer?.problem());
      return;
    }
    // A disk that is slow or full must not hide for a moment that the store is down.
    lastGood.record(result, writer?.problem());
    if (writer === undefined) return;
    await writer.write(result, startedAtMs);
    if (!closing.signal.aborted) lastGood.recordCacheProblem(writer.problem());
  }

  async function restoreAndPoll(restoring: Promise<CachedFlags | null>): Promise<void> {
    const flags = await restoring;
    if (closing.signal.aborted) return;
    if (flags !== null) lastGood.restore(flags);
    await pollAndScheduleNext();
  }

  const firstPoll = writer === undefined ? pollAndScheduleNext() : restoreAndPoll(writer.restore());
  store.watch?.(pollSoon);
  return {
    firstPoll,
    snapshot() {
      pollIfOverdue();
      return lastGood.snapshot();
    },
    subscribe: lastGood.subscribe,
    refreshes: lastGood.refreshes,
    close() {
      closing.abort();
      clearTimeout(timer);
      store.close();
    },
  };
}
