export { BUCKETS, bucketOf, targetBuckets } from './bucket-of.ts';
export { createSelector } from './create-selector.ts';
export type { SelectableSide } from './dialects/dialect.ts';
export { DIALECTS, type Dialect } from './dialects/dialect.ts';
export type {
  CommonSelectorOptions,
  RefreshableSession,
  RefreshSelection,
  SelectionRequest,
  Selector,
  SelectorOptions,
} from './selector.ts';
export { REFRESH_CAPABILITIES, type RefreshCapability } from './selector.ts';
