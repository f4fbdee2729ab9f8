export type { AccessSwitches, AuthorizedCall } from './access/access-board.ts';
export type { PolicyDocument, PolicyStatement } from './access/policy.ts';
export { createEmulator, type Emulator, type EmulatorOptions } from './emulator.ts';
export type { Fault, FaultKind, FaultSwitches } from './faults/fault-board.ts';
export type { Plane } from './protocol/plane.ts';
export type { Seed, SeededDeployment } from './resources/seed.ts';
export type { Clock, EmulatorClock } from './store/clock.ts';
