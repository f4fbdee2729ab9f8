import { type AcceptedSide, formatDuration, formatInstant, SIDES, type Side } from '@crossfade/core';
import type { FleetSnapshot, MeterReading } from '../fleet/fleet.ts';
import { acceptedBy, type EvidenceFrame } from '../fleet/fleet-evidence.ts';
import { describeUpstreamFailures } from '../fleet/upstream-failures.ts';
import type { MeterJson } from '../json/status-json.ts';
import type { Report } from '../verb/report.ts';
import { printMissing } from './decision-report.ts';

/** Prints every meter with what it has seen and what it holds, and each missing meter. */
export function printMeters(report: Report, snapshot: FleetSnapshot, nowMs: number, frame?: EvidenceFrame): void {
  report.field('meters', `${snapshot.readings.length} of ${snapshot.expected ?? 'an unknown number'} responded`);
  for (const reading of snapshot.readings) report.field('', describeReading(reading, nowMs, frame));
  printMissing(report, snapshot);
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
