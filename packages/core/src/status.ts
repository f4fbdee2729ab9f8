/** JSON that Crossfade serves: what writes it and what reads it share one schema. */
export type { Census, CensusKind, CensusRow } from './status/census.ts';
export { CENSUS_KINDS, censusSchema } from './status/census.ts';
export type { PublishedIssuance } from './status/published-issuance.ts';
export { publishedIssuanceSchema } from './status/published-issuance.ts';
export type {
  AudienceStatus,
  CollectorStatus,
  ForwardedHeadersStatus,
  OpenConnectionCounts,
  SidecarStatus,
} from './status/sidecar-status.ts';
export { sidecarStatusSchema } from './status/sidecar-status.ts';
export type { StragglerList, StragglerStatus } from './status/straggler-list.ts';
export { stragglerListSchema } from './status/straggler-list.ts';
