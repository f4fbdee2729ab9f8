export { BUCKETS, bucketOf, targetBuckets } from './bucket-of.ts';
export { createSelector } from './create-selector.ts';
export { DIALECTS, type Dialect } from './dialect.ts';
export { REFRESH_CAPABILITIES, type RefreshCapability } from './refresh-capability.ts';
export type { SelectableSide } from './selectable-side.ts';
export type {
  CommonSelectorOptions,
  RefreshableSession,
  RefreshSelection,
  SelectionRequest,
  Selector,
  SelectorOptions,
} from './selector.ts';
