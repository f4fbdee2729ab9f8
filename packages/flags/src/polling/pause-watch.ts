import type { Clock } from '@crossfade/core';

/** How much later than due counts as a pause: stopped (SIGSTOP), frozen (serverless, VM), suspended (laptop, phone). */
const PAUSED_MS = 1000;
const BEAT_MS = 250;
/** How long a poll that slept may still read what has arrived meanwhile: its socket may be dead. */
const CATCH_UP_MS = 1000;

/** Whether something that was due at `dueAtMs` is so late that the process must have been paused. */
export function isOverdue(dueAtMs: number, nowMs: number): boolean {
  return nowMs - dueAtMs > PAUSED_MS;
}

/**
 * Watches by the wall clock whether the process is paused from now on: timers stand still in a frozen one, and are all late in a
 * stopped one. Keeps no process alive.
 * @param giveUp called a second after a pause, for work that waits on a connection which died meanwhile.
 * @returns what ends the watch, and returns whether there was a pause.
 */
export function watchForPause(now: Clock, giveUp: () => void): () => boolean {
  let beatAtMs = now();
  let wasPaused = false;
  let catchingUp: Timer | undefined;

  function beat(): void {
    const nowMs = now();
    if (isOverdue(beatAtMs + BEAT_MS, nowMs)) {
      wasPaused = true;
      catchingUp ??= unref(setTimeout(giveUp, CATCH_UP_MS));
    }
    beatAtMs = nowMs;
  }

  function beatOnwards(): void {
    beat();
    beats = unref(setTimeout(beatOnwards, BEAT_MS));
  }

  let beats = unref(setTimeout(beatOnwards, BEAT_MS));
  return () => {
    beat();
    clearTimeout(beats as number);
    clearTimeout(catchingUp as number | undefined);
    return wasPaused;
  };
}

/** Browsers and phones have no `unref`. */
type Timer = { unref?: () => unknown } | number;

function unref(timer: Timer): Timer {
  if (typeof timer === 'object') timer.unref?.();
  return timer;
}
