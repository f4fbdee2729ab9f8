export type { Clock, EmulatorClock } from './clock.ts';
export { createEmulator, type Emulator, type EmulatorOptions } from './emulator.ts';
export type { Fault, FaultKind, FaultSwitches, Plane } from './fault.ts';
export type { Seed, SeededDeployment } from './seed.ts';
