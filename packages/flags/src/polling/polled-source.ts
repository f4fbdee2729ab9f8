import type { Clock, FlagSource } from '@crossfade/core';
import type { KeptCopy, KeptFlags } from '../disk-cache/disk-cache.ts';
import { createCopyKeeper } from '../disk-cache/disk-cache-writer.ts';
import { createLastGood, type Finding } from '../disk-cache/last-good.ts';

/** One look at a store: what was found, and the pace of looking. */
export interface Look {
  readonly finding: Finding;
  /** How often the store is looked at while all is well. */
  readonly intervalMs: number;
  /** When to look again; later than `intervalMs` while backing off. */
  readonly nextLookMs: number;
}

/** A store that can be looked at, one look at a time. */
export interface FlagStore {
  /** No answer is a finding too: it rejects only by mistake. Ends soon after `signal` is aborted. */
  look(signal: AbortSignal): Promise<Look>;
  /** For a store that tells of its changes: it calls `lookSoon` at each. The looks at an interval stay. */
  watch?(lookSoon: () => void): void;
  /** Lets go of connections. */
  close(): void;
}

/** A flag source that looks at its store from time to time. Keeps no process alive; begins to look at once. */
export interface PolledFlagSource extends FlagSource {
  /** Resolves when the first look has ended, well or badly. Never rejects. */
  readonly firstLook: Promise<void>;
  /** Ends the looking. The last snapshot stays readable, and grows old. */
  close(): void;
}

const MISSED_LOOKS = 3;
// A busy machine may be late by seconds; a quarter-second poll must not flap because of it.
const LEAST_STALE_AFTER_MS = 5000;
// A burst of news is one, and a store that has news because it was looked at is no storm.
const SOON_MS = 50;

function staleAfterMs(intervalMs: number): number {
  return Math.max(MISSED_LOOKS * intervalMs, LEAST_STALE_AFTER_MS);
}

export function createPolledSource(options: {
  readonly store: FlagStore;
  readonly intervalMs: number;
  readonly now: Clock;
  /** Holds the last good document between two lives of the process. Default: nothing does. */
  readonly copy?: KeptCopy | undefined;
}): PolledFlagSource {
  const { store, intervalMs, now, copy } = options;
  const keeper = copy && createCopyKeeper(copy);
  const lastGood = createLastGood({ now, staleAfterMs: staleAfterMs(intervalMs) });
  const closing = new AbortController();
  const mistaken: Look = {
    finding: { kind: 'failed', problem: 'the look at the store failed in an unforeseen way' },
    intervalMs,
    nextLookMs: intervalMs,
  };
  let timer: NodeJS.Timeout | undefined;
  let isLooking = true;
  let isSoon = false;

  function planLook(pauseMs: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => void lookAndPlanNext(), pauseMs);
    timer.unref();
  }

  function lookSoon(): void {
    if (isSoon || closing.signal.aborted) return;
    isSoon = true;
    if (!isLooking) planLook(SOON_MS);
  }

  async function lookAndPlanNext(): Promise<void> {
    isLooking = true;
    isSoon = false;
    const askedAtMs = now();
    const look = await store.look(closing.signal).catch(() => mistaken);
    if (closing.signal.aborted) return;
    // Before anybody acts on it: what was acted on must still hold after a crash.
    await keeper?.keep(look.finding, askedAtMs);
    if (closing.signal.aborted) return;
    lastGood.staleAfter(staleAfterMs(look.intervalMs));
    lastGood.record(look.finding, keeper?.problem());
    isLooking = false;
    planLook(isSoon ? SOON_MS : look.nextLookMs);
  }

  async function restoreAndLook(restoring: Promise<KeptFlags | null>): Promise<void> {
    const flags = await restoring;
    if (closing.signal.aborted) return;
    if (flags !== null) lastGood.restore(flags);
    await lookAndPlanNext();
  }

  const firstLook = keeper === undefined ? lookAndPlanNext() : restoreAndLook(keeper.restore());
  store.watch?.(lookSoon);
  return {
    firstLook,
    snapshot: lastGood.snapshot,
    subscribe: lastGood.subscribe,
    refreshes: lastGood.refreshes,
    close() {
      closing.abort();
      clearTimeout(timer);
      store.close();
    },
  };
}
