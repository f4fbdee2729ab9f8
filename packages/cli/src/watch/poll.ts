import { type Clock, CrossfadeError } from '@crossfade/core';

/** What is known of something that is read again and again. */
export interface Polled<T> {
  /** What was read last, however old; `null` before the first time. */
  readonly value: T | null;
  readonly readAtMs: number | null;
  /** Why it cannot be read now, and since when; `null` while it can, or before the first attempt has ended. */
  readonly trouble: { readonly sinceMs: number; readonly why: string } | null;
}

/** Reads something again and again, one reading at a time. A reading that hangs or fails leaves the last one in place. */
export interface Poll<T> {
  /** Begins a reading if one is due and none is under way. */
  tick(): void;
  state(): Polled<T>;
}

/** A reading that takes longer than this is reported while it lasts. */
const SLOW_MS = 8000;

/**
 * @param onChange called after each reading that ended.
 * @param onDefect called with an error that is none of ours.
 */
export function createPoll<T>(
  read: () => Promise<T>,
  {
    everyMs,
    now,
    onChange,
    onDefect,
  }: { everyMs: number; now: Clock; onChange(): void; onDefect(error: unknown): void },
): Poll<T> {
  let value: T | null = null;
  let readAtMs: number | null = null;
  let startedMs: number | null = null;
  let dueMs = Number.NEGATIVE_INFINITY;
  let failure: { readonly sinceMs: number; readonly why: string } | null = null;

  async function readOnce(atMs: number): Promise<void> {
    startedMs = atMs;
    dueMs = atMs + everyMs;
    try {
      value = await read();
      readAtMs = now();
      failure = null;
    } catch (error) {
      if (!(error instanceof CrossfadeError)) return onDefect(error);
      failure = { sinceMs: failure?.sinceMs ?? atMs, why: error.message };
    } finally {
      startedMs = null;
    }
    onChange();
  }

  return {
    tick() {
      const nowMs = now();
      // A clock that was set back would otherwise stop the view.
      const isDue = nowMs >= dueMs || nowMs < dueMs - everyMs;
      if (startedMs === null && isDue) void readOnce(nowMs);
    },
    state() {
      const hangs = startedMs !== null && now() - startedMs >= SLOW_MS;
      const slow = hangs && startedMs !== null ? { sinceMs: startedMs, why: 'no response yet' } : null;
      return { value, readAtMs, trouble: failure ?? slow };
    },
  };
}
