export type { Log } from './process/log.ts';
export type { Sidecar, SidecarOptions } from './start-sidecar.ts';
export { startSidecar } from './start-sidecar.ts';
