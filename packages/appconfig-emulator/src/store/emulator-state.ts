import type { Sessions } from '../data/session.ts';
import type { FaultBoard } from '../faults/fault.ts';
import type { EmulatorClock } from './clock.ts';
import type { Store } from './store.ts';

/** All the state of one emulator. */
export interface World {
  readonly clock: EmulatorClock;
  readonly faults: FaultBoard;
  readonly store: Store;
  readonly sessions: Sessions;
  readonly pollIntervalSeconds: number | undefined;
}
