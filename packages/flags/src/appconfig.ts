export { type AppConfigSourceOptions, createAppConfigSource } from './appconfig-source.ts';
export type { PolledFlagSource } from './polled-source.ts';
