/** The metrics that Crossfade exposes, as data: what registers them and what queries them share one list. */

import { FLAG_REFRESH_RESULTS } from '../flags/flag-source.ts';
import { AUDIENCE_CLASSES } from '../vocabulary/audience-class.ts';
import { DEPENDENCIES } from '../vocabulary/error.ts';
import { OUTCOMES } from '../vocabulary/judgement.ts';
import type { MetricDefinition } from '../vocabulary/metric-definition.ts';
import { REJECTION_REASONS } from '../vocabulary/rejection-reason.ts';
import { SIDES } from '../vocabulary/side.ts';
import { OF_CLIENTS } from './client-metrics.ts';

export type { MetricDefinition };

/** The classes that carry one of our two audiences, or both. */
const MIGRATION_CLASSES = ['legacy', 'target', 'bridge'] as const;

/** The windows of a plan that the recording rules need, in seconds. */
const PLAN_WINDOWS = ['drain_window', 'session_horizon', 'blind', 'clock_tolerance'] as const;

/** Every metric, by a short name. */
export const METRICS = {
  requests: {
    name: 'crossfade_requests_total',
    type: 'counter',
    help: 'Requests by the class of their access token and by the decision about it; only pairs that can occur.',
    note: 'Every request counts once. `accepted` exists for `legacy`, `target` and `bridge` alone.',
    labels: { audience: AUDIENCE_CLASSES, outcome: OUTCOMES },
  },
  preflights: {
    name: 'crossfade_preflights_total',
    type: 'counter',
    help: 'CORS preflights, which carry no token: they pass without being judged, and count nowhere else.',
    labels: {},
  },
  rejections: {
    name: 'crossfade_rejections_total',
    type: 'counter',
    help: 'Rejected access tokens by reason.',
    note: 'A reason appears with its first one.',
    labels: { reason: REJECTION_REASONS },
  },
  afterCloseRejections: {
    name: 'crossfade_after_close_rejections_total',
    type: 'counter',
    help: 'Accepted access tokens that would be rejected if the legacy audience were closed.',
    labels: {},
  },
  validUnauthorized: {
    name: 'crossfade_valid_unauthorized_total',
    type: 'counter',
    help: 'Access tokens that were judged valid and that the API refused. Must stay 0.',
    labels: { audience: MIGRATION_CLASSES },
  },
  lastValidUnauthorized: {
    name: 'crossfade_last_valid_unauthorized_timestamp_seconds',
    type: 'gauge',
    help: 'When the API last refused a token that was judged valid, 0 for never.',
    labels: {},
  },
  disagreements: {
    name: 'crossfade_disagreements_total',
    type: 'counter',
    help: 'Access tokens that were judged invalid and that the API took all the same, by the reason of the judgement.',
    note: 'Must stay 0. A reason appears with its first one.',
    labels: { reason: REJECTION_REASONS },
  },
  lastDisagreement: {
    name: 'crossfade_last_disagreement_timestamp_seconds',
    type: 'gauge',
    help: 'When the API last took a token that was judged invalid, 0 for never.',
    labels: { token: ['verified', 'unverified'] },
  },
  apiResponse: {
    name: 'crossfade_api_response_timestamp_seconds',
    type: 'gauge',
    help: "When the API last took (accepted) or refused (unauthorized) a side's valid token, 0 for never.",
    labels: { audience: SIDES, response: ['accepted', 'unauthorized'] },
  },
  unavailable: {
    name: 'crossfade_unavailable_total',
    type: 'counter',
    help: 'Requests whose token could not be judged because something was unavailable; counted as invalid, without a reason.',
    note: 'Of introspection, revocation and exchange only those that the plan uses.',
    labels: { cause: DEPENDENCIES },
  },
  lastUnavailable: {
    name: 'crossfade_last_unavailable_timestamp_seconds',
    type: 'gauge',
    help: 'When a token last could not be judged, or a report of one was lost, 0 for never.',
    labels: {},
  },
  openConnections: {
    name: 'crossfade_open_connections',
    type: 'gauge',
    help: 'Open WebSocket, gRPC and event streams by the class of the token that opened them. A close ends them only with sidecar.legacyConnections: end.',
    note: 'Of a sidecar in `proxy` mode only.',
    labels: { audience: MIGRATION_CLASSES },
  },
  lastSeen: {
    name: 'crossfade_last_seen_timestamp_seconds',
    type: 'gauge',
    help: 'When a verified token was last seen, 0 for never. Legacy: whether accepted or not, and what a close would refuse.',
    labels: { audience: MIGRATION_CLASSES },
  },
  latestIssued: {
    name: 'crossfade_latest_issued_timestamp_seconds',
    type: 'gauge',
    help: 'The newest iat of a verified token that counts as legacy seen, 0 for none.',
    labels: { audience: ['legacy'] },
  },
  latestExpiry: {
    name: 'crossfade_latest_expiry_timestamp_seconds',
    type: 'gauge',
    help: 'The latest exp of a verified token that counts as legacy seen, 0 for none.',
    labels: { audience: ['legacy'] },
  },
  judgementDuration: {
    name: 'crossfade_judgement_duration_seconds',
    type: 'histogram',
    help: 'How long judging an access token took.',
    labels: {},
  },
  issuancePercent: {
    name: 'crossfade_issuance_percent',
    type: 'gauge',
    help: 'The share of logins that ask for the target audience, as the flags command.',
    labels: {},
  },
  accepts: {
    name: 'crossfade_accepts',
    type: 'gauge',
    help: 'Whether tokens of an audience get in, as this process decides or as all that report to it do; absent if not known.',
    note: '1 or 0, and only where the sidecar decides. Without the series of a side that it accepts and whose keys it never had.',
    labels: { audience: SIDES },
  },
  flagsAge: {
    name: 'crossfade_flags_age_seconds',
    type: 'gauge',
    help: 'Seconds since the flag store last confirmed the flags; since the start, if it never did.',
    labels: {},
  },
  flagsRefresh: {
    name: 'crossfade_flags_refresh_total',
    type: 'counter',
    help: 'Polls of the flag store by result.',
    note: 'A result appears with its first one.',
    labels: { result: FLAG_REFRESH_RESULTS },
  },
  flagsInfo: {
    name: 'crossfade_flags_info',
    type: 'gauge',
    help: "Always 1; the flags in use: their revision, their store's name, and the hash of Crossfade's own flags.",
    labels: { revision: null, source: null, hash: null },
  },
  keysRefresh: {
    name: 'crossfade_keys_refresh_total',
    type: 'counter',
    help: "Fetches of an issuer's keys by result.",
    note: 'A result appears with its first one.',
    labels: { side: SIDES, result: ['success', 'failure'] },
  },
  keysAge: {
    name: 'crossfade_keys_age_seconds',
    type: 'gauge',
    help: "Seconds since an issuer's keys were last fetched; absent until the first fetch.",
    labels: { side: SIDES },
  },
  collectorWatches: {
    name: 'crossfade_collector_watches',
    type: 'gauge',
    help: 'Whether at least one process reports and none that should is silent; while 0, this meter does not count as one.',
    note: 'In `collect` mode only.',
    labels: {},
  },
  collectorSenders: {
    name: 'crossfade_collector_senders',
    type: 'gauge',
    help: 'Processes that send their judgements here.',
    note: 'In `collect` mode only.',
    labels: { state: ['live', 'silent'] },
  },
  collectorBatches: {
    name: 'crossfade_collector_batches_total',
    type: 'counter',
    help: 'Batches of judgements by result.',
    note: 'In `collect` mode only.',
    labels: { result: ['counted', 'duplicate', 'refused', 'unavailable'] },
  },
  ...OF_CLIENTS,
  planSeconds: {
    name: 'crossfade_plan_seconds',
    type: 'gauge',
    help: "The plan's windows, which the recording rules read from here: absent while the plan has no legacy side.",
    labels: { setting: PLAN_WINDOWS },
  },
  planCoverage: {
    name: 'crossfade_plan_coverage_ratio',
    type: 'gauge',
    help: 'The share of the expected instances that must be watched (gate.coverage).',
    labels: {},
  },
  processStart: {
    name: 'crossfade_process_start_timestamp_seconds',
    type: 'gauge',
    help: 'When this process began to count. Its id is random: two scrape jobs of one process show one.',
    labels: { process: null },
  },
  processFinal: {
    name: 'crossfade_process_final',
    type: 'gauge',
    help: '1 once this process counts no more requests: what it showed then is all that it counted.',
    note: 'That is just before it ends.',
    labels: { process: null },
  },
  clock: {
    name: 'crossfade_clock_timestamp_seconds',
    type: 'gauge',
    help: 'The time by the clock of this process, to compare with the time of the scrape.',
    labels: {},
  },
  buildInfo: {
    name: 'crossfade_build_info',
    type: 'gauge',
    help: 'Always 1.',
    labels: { version: null, node: null },
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

/** The metrics of OAuth clients: `@crossfade/client/prometheus` registers them, not a sidecar. */
export const CLIENT_METRICS = [METRICS.selections, METRICS.logins, METRICS.refreshes, METRICS.mints] as const;

/** Finds the meters that are scraped now. A collector that does not receive batches from every sender is none. */
export function liveInstances(migration: string): string {
  const of = `{migration="${migration}"}`;
  return `max by (job, instance) (${METRICS.buildInfo.name}${of} unless on (job, instance) ${METRICS.collectorWatches.name}${of} == 0)`;
}
