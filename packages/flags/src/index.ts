export { createFeatureAccess } from './feature-access.ts';
export type { OpenFlagSourceOptions } from './open-flag-source.ts';
export { openFlagSource } from './open-flag-source.ts';
export type { OpenFlagWriterOptions } from './open-flag-writer.ts';
export { openFlagWriter } from './open-flag-writer.ts';
