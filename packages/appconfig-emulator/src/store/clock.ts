/** The current time in milliseconds since the Unix epoch. `Date.now` is one. */
export type Clock = () => number;

/** The emulator's own time: deployments grow, bake and become final by it, and tokens expire by it. It only moves forward. */
export interface EmulatorClock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /**
   * Moves the emulator's time forward.
   * @throws {RangeError} when `durationMs` is negative or not a number: time that ran can't be taken back.
   */
  advance(durationMs: number): void;
  /** Holds time still until {@link EmulatorClock.resume}; {@link EmulatorClock.advance} still moves it. */
  freeze(): void;
  /** Lets time run on from where it was held. */
  resume(): void;
}

/** A clock that follows another one and can be moved ahead of it. */
export function createEmulatorClock(base: Clock): EmulatorClock {
  let aheadMs = 0;
  let frozenAtMs: number | null = null;

  return {
    now: () => (frozenAtMs ?? base()) + aheadMs,
    advance(durationMs) {
      if (!Number.isFinite(durationMs) || durationMs < 0)
        throw new RangeError('the clock only moves forward: durationMs must be a number >= 0');
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
