import type { Clock, EmulatorClock } from './clock.ts';
import { createEmulatorClock } from './clock.ts';
import { createFaultBoard, type FaultSwitches } from './fault.ts';
import type { Seed, SeededDeployment } from './seed.ts';

export interface EmulatorOptions {
  /** The time the emulator starts from and follows; absent: `Date.now`. {@link Emulator.clock} moves ahead of it. */
  readonly now?: Clock;
  /**
   * What `Next-Poll-Interval-In-Seconds` tells every client, and what is enforced. Absent: what the session asked for, or 60.
   * AWS has no such setting and never goes below 15: it is here so that tests need not wait.
   */
  readonly pollIntervalSeconds?: number;
}

/** An AWS AppConfig of its own, in memory: both planes on one port, spoken to by the official SDK clients with `endpoint: url`. */
export interface Emulator {
  /** Starts to listen; `host` is 127.0.0.1 and `port` any free one unless told. */
  listen(address?: { readonly host?: string; readonly port?: number }): Promise<{ readonly url: string }>;
  /** Stops, and destroys the connections that are left. */
  close(): Promise<void>;
  readonly clock: EmulatorClock;
  readonly faults: FaultSwitches;
  /** Puts content live at once, as infrastructure code would have before, and creates what it needs by name. AWS has no such call. */
  seed(seed: Seed): SeededDeployment;
}

export function createEmulator(options: EmulatorOptions = {}): Emulator {
  const clock = createEmulatorClock(options.now ?? Date.now);
  const faults = createFaultBoard();
  return {
    clock,
    faults,
    listen: () => Promise.reject(new Error('not yet')),
    close: () => Promise.resolve(),
    seed: () => {
      throw new Error('not yet');
    },
  };
}
