import type { AccessBoard } from '../access/access-board.ts';
import type { Sessions } from '../data/session.ts';
import type { FaultBoard } from '../faults/fault-board.ts';
import type { EmulatorClock } from '../store/clock.ts';
import type { Store } from '../store/store.ts';

/** The whole state of one emulator. */
export interface EmulatorState {
  readonly access: AccessBoard;
  readonly clock: EmulatorClock;
  readonly faults: FaultBoard;
  readonly store: Store;
  readonly sessions: Sessions;
  readonly pollIntervalSeconds: number | undefined;
}
