import { type AccessSwitches, createAccessBoard } from './access/access-board.ts';
import { createSessions } from './data/session.ts';
import { raiseAlarm } from './deployment/raise-alarm.ts';
import { createFaultBoard, type FaultSwitches } from './faults/fault-board.ts';
import { createServer } from './http/server.ts';
import { type Seed, type SeededDeployment, seed } from './resources/seed.ts';
import { type Clock, createEmulatorClock, type EmulatorClock } from './store/clock.ts';
import { createStore } from './store/store.ts';

export interface EmulatorOptions {
  /** The clock the emulator follows; default: `Date.now`. {@link Emulator.clock} can be moved ahead of it. */
  readonly now?: Clock;
  /**
   * The poll interval of every session, sent as `Next-Poll-Interval-In-Seconds` and enforced. Default: what the session
   * asked for, or 60. AWS has no such setting and a minimum of 15: this one keeps tests short.
   */
  readonly pollIntervalSeconds?: number;
}

/** An in-memory AWS AppConfig: both planes on one port. The official SDK clients use it with `endpoint: url`. */
export interface Emulator {
  /** Starts to listen; by default on 127.0.0.1 and any free port. */
  listen(address?: { readonly host?: string; readonly port?: number }): Promise<{ readonly url: string }>;
  /** Stops, and destroys the remaining connections. */
  close(): Promise<void>;
  readonly clock: EmulatorClock;
  readonly faults: FaultSwitches;
  /** IAM policies for access keys. Without any, a signed request may do everything. */
  readonly access: AccessSwitches;
  /** Puts content live at once and creates what it needs by name. AWS has no such call. */
  seed(seed: Seed): SeededDeployment;
  /** Rolls back what an alarm with this ARN would; returns the number of deployments rolled back. */
  raiseAlarm(alarmArn: string): number;
  /**
   * Sets the state of an alarm. In `ALARM` it also rolls back every deployment that is started in an environment that monitors it,
   * however quickly it would complete, until it is `OK` again.
   */
  setAlarm(alarmArn: string, state: 'ALARM' | 'OK'): void;
  /** Drops every data plane session: their tokens are `Corrupted` from now on. */
  dropSessions(): void;
}

/**
 * Creates an empty emulator; it listens once {@link Emulator.listen} is called.
 * @throws {RangeError} when `pollIntervalSeconds` is not a whole number above 0.
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
  const access = createAccessBoard();
  const faults = createFaultBoard();
  const store = createStore(clock.now);
  const sessions = createSessions(clock.now);
  const server = createServer({ access, clock, faults, store, sessions, pollIntervalSeconds });
  return {
    access,
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
    setAlarm(alarmArn, state) {
      if (state === 'OK') store.alarms.delete(alarmArn);
      else {
        store.alarms.add(alarmArn);
        raiseAlarm(store, alarmArn);
      }
    },
    dropSessions: () => sessions.drop(),
  };
}
