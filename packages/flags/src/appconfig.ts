export { type AppConfigSourceOptions, createAppConfigSource } from './appconfig/appconfig-source.ts';
export type { PolledFlagSource } from './polling/polled-source.ts';
