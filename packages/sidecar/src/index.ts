export type { Log } from './process/log.ts';
export type { Sidecar } from './process/sidecar.ts';
export type { SidecarOptions } from './start-sidecar.ts';
export { startSidecar } from './start-sidecar.ts';
