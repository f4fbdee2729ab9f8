import { createSessions } from './data/session.ts';
import { raiseAlarm } from './deployment/raise-alarm.ts';
import { createFaultBoard, type FaultSwitches } from './faults/fault.ts';
import { createServer } from './http/server.ts';
import { type Seed, type SeededDeployment, seed } from './resources/seed.ts';
import { type Clock, createEmulatorClock, type EmulatorClock } from './store/clock.ts';
import { createStore } from './store/store.ts';

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
  /** Rolls back what an alarm with this ARN would; returns how many deployments that were. */
  raiseAlarm(alarmArn: string): number;
  /** Forgets every session of the data plane: each of their tokens is `Corrupted` from now on. */
  dropSessions(): void;
}

/**
 * An emulator that remembers nothing but what it is told.
 * @throws {RangeError} when `pollIntervalSeconds` is no whole number above 0.
 * @example
 * const emulator = createEmulator({ pollIntervalSeconds: 1 });
 * const { url } = await emulator.listen();
 * const client = new AppConfigDataClient({ endpoint: url, region: 'eu-central-1', credentials });
 */
export function createEmulator(options: EmulatorOptions = {}): Emulator {
  const { now = Date.now, pollIntervalSeconds } = options;
  if (pollIntervalSeconds !== undefined && (!Number.isSafeInteger(pollIntervalSeconds) || pollIntervalSeconds < 1)) {
    throw new RangeError('pollIntervalSeconds must be a whole number above 0');
  }
  const clock = createEmulatorClock(now);
  const faults = createFaultBoard();
  const store = createStore(clock.now);
  const sessions = createSessions(clock.now);
  const server = createServer({ clock, faults, store, sessions, pollIntervalSeconds });
  return {
    clock,
    faults,
    async listen({ host = '127.0.0.1', port = 0 } = {}) {
      return { url: await server.listen({ host, port }) };
    },
    async close() {
      await server.close();
    },
    seed: (content) => seed(store, content),
    raiseAlarm: (alarmArn) => raiseAlarm(store, alarmArn),
    dropSessions: () => sessions.drop(),
  };
}
