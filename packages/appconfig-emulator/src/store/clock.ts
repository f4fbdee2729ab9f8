/** Returns the current time in milliseconds since the Unix epoch, as `Date.now` does. */
export type Clock = () => number;

/** The emulator's own time, which deployments and tokens follow. It only moves forward. */
export interface EmulatorClock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /**
   * Moves the emulator's time forward.
   * @throws {RangeError} when `durationMs` is negative or not a number.
   */
  advance(durationMs: number): void;
  /** Stops time until {@link EmulatorClock.resume}; {@link EmulatorClock.advance} still moves it. */
  freeze(): void;
  /** Lets time continue from where it was stopped. */
  resume(): void;
}

/** Creates a clock that follows `base` and can be moved ahead of it. */
export function createEmulatorClock(base: Clock): EmulatorClock {
  let aheadMs = 0;
  let frozenAtMs: number | null = null;

  return {
    now: () => (frozenAtMs ?? base()) + aheadMs,
    advance(durationMs) {
      if (!Number.isFinite(durationMs) || durationMs < 0)
        throw new RangeError('durationMs must be a number >= 0: the clock only moves forward');
      aheadMs += durationMs;
    },
    freeze() {
      frozenAtMs ??= base();
    },
    resume() {
      if (frozenAtMs === null) return;
      aheadMs -= base() - frozenAtMs;
      frozenAtMs = null;
    },
  };
}
