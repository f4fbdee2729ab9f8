import { type AcceptedSide, formatDuration, formatInstant, SIDES, type Side } from '@crossfade/core';
import type { FleetFlags } from '@crossfade/core/metrics';
import type { FleetSnapshot, MeterReading } from '../fleet/fleet.ts';
import { acceptedBy, acceptedOf, countShowing, type EvidenceFrame } from '../fleet/fleet-evidence.ts';
import { respondingCount } from '../fleet/fleet-size.ts';
import { describeUpstreamFailures } from '../fleet/upstream-failures.ts';
import type { FleetGroupsJson, MeterJson, MissingJson } from '../json/status-json.ts';
import type { Report } from '../verb/report.ts';
import { printMissing } from './decision-report.ts';

/** Prints every meter with what it has seen and what it holds, and each missing meter. */
export function printMeters(report: Report, snapshot: FleetSnapshot, nowMs: number, frame?: EvidenceFrame): void {
  report.field('meters', `${respondingCount(snapshot)} of ${snapshot.expected ?? 'an unknown number'} responded`);
  for (const text of describeGroups(snapshot, frame)) report.field('', text);
  for (const reading of snapshot.readings) report.field('', describeReading(reading, nowMs, frame));
  printMissing(report, snapshot);
}

/** Says what the instances of a large fleet hold and show, a line for those that are alike. */
function describeGroups(snapshot: FleetSnapshot, frame: EvidenceFrame | undefined): readonly string[] {
  const { groups, readings } = snapshot;
  if (groups === undefined) return [];
  const shown = (side: Side) => {
    const counts = countShown(snapshot, side, frame);
    return `${side}: ${counts.accepted} instances accept it, ${counts.refused} refuse it, ${counts.unknown} are not known`;
  };
  return [
    ...groups.flags.map(({ count, ...held }) => `${count} instances hold ${describeRevision(held)}`),
    ...(frame === undefined ? [] : SIDES.map(shown)),
    ...(readings.length === 0 ? [] : [`${readings.length} instances by name, those that need attention first:`]),
  ];
}

function describeRevision({ revision, percent }: Pick<FleetFlags, 'revision' | 'percent'>): string {
  return `revision ${revision ?? 'unknown'} (${percent ?? '?'}%)`;
}

function countShown(
  snapshot: FleetSnapshot,
  side: Side,
  frame: EvidenceFrame | undefined,
): Readonly<Record<AcceptedSide, number>> {
  const count = (wanted: AcceptedSide) =>
    countShowing(snapshot, side, (sighting) =>
      frame === undefined ? wanted === 'unknown' : acceptedOf(sighting, frame) === wanted,
    );
  return { accepted: count('accepted'), refused: count('refused'), unknown: count('unknown') };
}

/** Returns the groups of a large fleet as `--json` prints them; `null` where each instance is read. */
export function groupsJson(snapshot: FleetSnapshot, frame: EvidenceFrame): FleetGroupsJson {
  const { groups } = snapshot;
  if (groups === undefined) return null;
  const shown = { legacy: countShown(snapshot, 'legacy', frame), target: countShown(snapshot, 'target', frame) };
  return { count: groups.count, accepts: shown, flags: groups.flags };
}

/** Returns what tells nothing as `--json` prints it. */
export function missingJson({ missing }: Pick<FleetSnapshot, 'missing'>): MissingJson {
  return missing.map(({ meter, why }) => ({ meter, why }));
}

function describeReading(reading: MeterReading, nowMs: number, frame: EvidenceFrame | undefined): string {
  const { evidence, issuancePercent, revision, stale, validUnauthorized, openConnections } = reading;
  const seen = (ms: number | null) => (ms === null ? 'never' : `${formatDuration(nowMs - ms)} ago`);
  const failed = describeUpstreamFailures(reading, nowMs);
  return [
    evidence.meter,
    describeAccepted(reading, frame),
    `legacy ${seen(evidence.legacy.lastSeenMs)}`,
    `target ${seen(evidence.target.lastSeenMs)}`,
    `holds revision ${revision ?? 'unknown'} (${issuancePercent ?? '?'}%)${stale ? ', stale' : ''}`,
    ...(openConnections !== null && openConnections.legacy > 0
      ? [`open connections of legacy tokens: ${openConnections.legacy}`]
      : []),
    ...(failed === undefined ? [] : [failed]),
    ...(validUnauthorized > 0 ? [`refused valid tokens: ${validUnauthorized}`] : []),
  ].join('; ');
}

/** Names what the API takes and what it refuses, as far as that is known. Without the flags nothing is. */
function describeAccepted(reading: MeterReading, frame: EvidenceFrame | undefined): string {
  if (frame === undefined) return 'accepts unknown';
  const of = (wanted: AcceptedSide) => SIDES.filter((side) => acceptedBy(reading, side, frame) === wanted);
  const [accepted, refused] = [of('accepted'), of('refused')];
  const taken = `accepts ${accepted.length === 0 ? 'unknown' : accepted.join(' and ')}`;
  return refused.length === 0 ? taken : `${taken}, refuses ${refused.join(' and ')}`;
}

/** Returns a meter as `--json` prints it. */
export function meterJson(
  { evidence, upstream, sides, audiences, ...reading }: MeterReading,
  frame: EvidenceFrame,
): MeterJson {
  const known = { accepted: true, refused: false, unknown: null };
  const accepts = (side: Side) => known[acceptedBy({ sides }, side, frame)];
  return {
    accepts: { legacy: accepts('legacy'), target: accepts('target') },
    meter: evidence.meter,
    watchedSince: formatInstant(evidence.watchedSinceMs),
    legacyLastSeenAt: formatInstant(evidence.legacy.lastSeenMs),
    targetLastSeenAt: formatInstant(evidence.target.lastSeenMs),
    ...reading,
    audiences: audiences ?? null,
    upstream: upstream && {
      failures: upstream.failures,
      lastFailureAt: formatInstant(upstream.lastMs),
      lastCode: upstream.lastCode,
    },
  };
}
