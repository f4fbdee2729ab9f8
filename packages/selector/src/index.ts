export { BUCKETS, bucketOf, targetBuckets } from './bucket-of.ts';
export { createSelector } from './create-selector.ts';
export { REFRESH_CAPABILITIES, type RefreshCapability } from './refresh-capability.ts';
export type {
  CommonSelectorOptions,
  RefreshableSession,
  RefreshSelection,
  SelectableSide,
  SelectionRequest,
  Selector,
  SelectorOptions,
} from './selector.ts';
