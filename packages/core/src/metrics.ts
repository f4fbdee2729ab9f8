/** The metrics that Crossfade exposes, as data, and how a fleet of any size is read from them. */

export type { FleetFlags, FleetGroups, FleetReading, FleetRequest, ShownPart } from './metrics/fleet-groups.ts';
export { MAX_NAMED, readFleetGroups } from './metrics/fleet-groups.ts';
export type { FleetScope, InstantQuery, InstantSample } from './metrics/fleet-scope.ts';
export { instancesMatching } from './metrics/fleet-scope.ts';
export type { MetricDefinition } from './metrics/metrics.ts';
export { CLIENT_METRICS, liveInstances, METRICS } from './metrics/metrics.ts';
export type { SideGroup } from './metrics/side-groups.ts';
