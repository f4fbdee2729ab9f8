export { BUCKETS, bucketOf, targetBuckets } from '@crossfade/core/bucketing';
export { combineSelectors } from './combine-selectors.ts';
export { createSelector } from './create-selector.ts';
export type { SelectableSide } from './dialects/dialect.ts';
export { DIALECTS, type Dialect } from './dialects/dialect.ts';
export { requestParameters } from './dialects/dialect-rules.ts';
export { mergeSelections } from './merge-selections.ts';
export { parameterEntries } from './parameter-entries.ts';
export type {
  CommonSelectorOptions,
  RefreshableSession,
  RefreshSelection,
  SelectableMigration,
  SelectionRequest,
  Selector,
  SelectorOptions,
} from './selector.ts';
export { REFRESH_CAPABILITIES, type RefreshCapability } from './selector.ts';
