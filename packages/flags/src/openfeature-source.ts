export { createOpenFeatureSource, type OpenFeatureSourceOptions } from './openfeature/openfeature-source.ts';
export type { PolledFlagSource } from './polling/polled-source.ts';
