export { createEmulator, type Emulator, type EmulatorOptions } from './emulator.ts';
export type { Fault, FaultKind, FaultSwitches, Plane } from './faults/fault.ts';
export type { Seed, SeededDeployment } from './resources/seed.ts';
export type { Clock, EmulatorClock } from './store/clock.ts';
