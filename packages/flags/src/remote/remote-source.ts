import type { FlagSnapshot, FlagSource, IssuanceSwitch } from '@crossfade/core';
import { issuanceSwitch } from '@crossfade/core';
import type { PublishedIssuance } from '@crossfade/core/status';
import { createLastGood, type PollResult } from '../polling/last-good.ts';
import { isOverdue, watchForPause } from '../polling/pause-watch.ts';
import { fetchIssuance, type IssuanceResponse } from './fetch-issuance.ts';
import { createStoredIssuance } from './issuance-storage.ts';
import { flagDocumentOf } from './read-issuance.ts';
import { checkRemoteOptions, type RemoteSourceOptions } from './remote-options.ts';
import { startTimer } from './start-timer.ts';

export type { RemoteSourceOptions } from './remote-options.ts';

/**
 * The issuance switch as a backend publishes it. As a flag source its document has that switch only: acceptance is always
 * `both`, and there are no features.
 */
export interface RemoteSource extends FlagSource {
  /** The switch for `createSelector`. */
  readonly issuance: IssuanceSwitch;
  /**
   * Resolves when the first poll has ended, successful or not, or after `timeoutMs` (default 1 s). Never rejects: a login
   * that starts then has the best position there is.
   */
  ready(timeoutMs?: number): Promise<void>;
  /** Polls now, such as when an application returns to the foreground. Resolves when the poll has ended. Never rejects. */
  refresh(): Promise<void>;
  /** Stops polling. The last snapshot stays readable and ages. */
  close(): void;
}

const DEFAULT_INTERVAL_MS = 60_000;
const DEFAULT_TIMEOUT_MS = 5000;
const DEFAULT_READY_MS = 1000;
const MISSED_POLLS = 3;
const LEAST_STALE_AFTER_MS = 5000;
/** A poll backs off to this many intervals, and at most to this time. */
const MOST_INTERVALS = 8;
const LONGEST_BACK_OFF_MS = 900_000;
/** Connections die while a device is suspended: what fails right after is asked again soon. */
const RETRIES_AFTER_PAUSE = 3;
const RETRY_MS = 250;

/**
 * Reads the issuance switch from the backend of a browser application or a phone (`GET <prefix>/issuance`), polling from
 * now on. Keeps the last good position whatever the backend returns, and across reloads in `storage`; without one, logins
 * ask for legacy. Needs no cloud credentials, and runs in browsers, React Native and Node.
 * @throws {@link ConfigError} with every problem of the options.
 * @example
 * ```ts
 * const remote = createRemoteSource({ url: '/auth/issuance', storage: localStorage });
 * const selector = createSelector({ legacy, target, salt: 'orders-2026', issuance: remote.issuance });
 * await remote.ready();
 * ```
 */
export function createRemoteSource(options: RemoteSourceOptions): RemoteSource {
  checkRemoteOptions(options);
  const { url, intervalMs = DEFAULT_INTERVAL_MS, timeoutMs = DEFAULT_TIMEOUT_MS, now = Date.now } = options;
  const request = options.fetch ?? ((...args: Parameters<typeof fetch>) => fetch(...args));
  const lastGood = createLastGood({
    now,
    staleAfterMs: Math.max(MISSED_POLLS * intervalMs, LEAST_STALE_AFTER_MS),
    restoredFrom: 'the storage',
  });
  const stored = createStoredIssuance(options.storage, url);
  const closing = new AbortController();
  let good: PublishedIssuance | undefined;
  let etag: string | null = null;
  let failures = 0;
  let polling: Promise<void> | undefined;
  let stopTimer = () => {};
  /** When the next poll is due, by the wall clock. */
  let dueAtMs = now();
  /** How many more times a poll that fails is repeated soon. */
  let retries = 0;

  function snapshot(): FlagSnapshot {
    // Timers stand still while a device sleeps: the first look after it starts the poll that is due.
    if (polling === undefined && isOverdue(dueAtMs, now())) void poll();
    const current = lastGood.snapshot();
    return good?.stale === true && !current.stale ? { ...current, stale: true } : current;
  }

  function noteStorage(): void {
    if (!closing.signal.aborted) lastGood.recordCacheProblem(stored.problem());
  }

  function resultOf(response: IssuanceResponse): PollResult {
    if (response.kind === 'broken' || response.kind === 'failed') return response;
    if (response.kind === 'issuance') {
      good = response.issuance;
      etag = response.etag;
    }
    if (good === undefined) return { kind: 'unchanged' };
    void stored.store({ ...good, stale: true }).then(noteStorage);
    // Not modified: the entity tag was that of the last good one, which a broken one may have followed meanwhile.
    return { kind: 'document', text: flagDocumentOf(good), version: good.revision };
  }

  async function pollOnce(): Promise<void> {
    stopTimer();
    if (isOverdue(dueAtMs, now())) retries = RETRIES_AFTER_PAUSE;
    const ending = new AbortController();
    const end = () => ending.abort();
    closing.signal.addEventListener('abort', end, { once: true });
    const endWatch = watchForPause(now, end);
    const response = await fetchIssuance({ url, etag, timeoutMs, fetch: request, signal: ending.signal });
    closing.signal.removeEventListener('abort', end);
    if (!closing.signal.aborted) lastGood.record(resultOf(response), stored.problem());
    const wasPaused = endWatch();
    if (closing.signal.aborted) return;
    const isFailure = response.kind === 'failed';
    if (wasPaused) retries = RETRIES_AFTER_PAUSE;
    retries = isFailure ? retries - 1 : 0;
    // A failure right after a pause says nothing about the backend.
    failures = isFailure ? failures + (retries > 0 ? 0 : 1) : 0;
    // What arrived before a pause may be out of date.
    const pauseMs = retries > 0 || wasPaused ? Math.min(RETRY_MS, intervalMs) : backOff(failures);
    const waitMs = spread(Math.max(pauseMs, isFailure ? response.retryAfterMs : 0));
    dueAtMs = now() + waitMs;
    stopTimer = startTimer(waitMs, () => void poll());
  }

  function poll(): Promise<void> {
    if (closing.signal.aborted) return Promise.resolve();
    polling ??= pollOnce().finally(() => {
      polling = undefined;
    });
    return polling;
  }

  /** The regular interval, and twice, four and eight times that after further failures. */
  function backOff(failed: number): number {
    const longerMs = intervalMs * Math.min(2 ** Math.max(0, failed - 1), MOST_INTERVALS);
    return Math.max(intervalMs, Math.min(longerMs, LONGEST_BACK_OFF_MS));
  }

  const restored = stored.restore((issuance) => {
    if (good !== undefined || closing.signal.aborted) return;
    lastGood.restore({ text: flagDocumentOf(issuance), version: issuance.revision });
  });
  const firstPoll = Promise.all([restored, poll()]);

  return {
    snapshot,
    subscribe: (listener) => lastGood.subscribe(() => listener(snapshot())),
    refreshes: lastGood.refreshes,
    issuance: issuanceSwitch({ snapshot }),
    ready: (readyMs = DEFAULT_READY_MS) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, readyMs);
        void firstPoll.finally(() => {
          clearTimeout(timer);
          resolve();
        });
      }),
    refresh: poll,
    close() {
      closing.abort();
      stopTimer();
    },
  };
}

/** Adds up to a fifth at random: applications that started together do not poll together. */
function spread(pauseMs: number): number {
  return pauseMs * (1 + Math.random() / 5);
}
