import { formatDuration, formatInstant } from '@crossfade/core';
import type { FleetSnapshot, MeterReading } from '../fleet/fleet.ts';
import { describeUpstreamFailures } from '../fleet/upstream-failures.ts';
import type { Report } from '../verb/report.ts';
import { printMissing } from './decision-report.ts';

/** Prints every meter with what it has seen and what it holds, and each missing meter. */
export function printMeters(report: Report, snapshot: FleetSnapshot, nowMs: number): void {
  report.field('meters', `${snapshot.readings.length} of ${snapshot.expected ?? 'an unknown number'} responded`);
  for (const reading of snapshot.readings) report.field('', describeReading(reading, nowMs));
  printMissing(report, snapshot);
}

function describeReading(reading: MeterReading, nowMs: number): string {
  const { evidence, accepts, issuancePercent, revision, stale, validUnauthorized, openConnections } = reading;
  const sides = (['legacy', 'target'] as const).filter((side) => accepts[side] === true);
  const seen = (ms: number | null) => (ms === null ? 'never' : `${formatDuration(nowMs - ms)} ago`);
  const failed = describeUpstreamFailures(reading, nowMs);
  return [
    evidence.meter,
    `accepts ${sides.length === 0 ? 'unknown' : sides.join(' and ')}`,
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

/** Returns a meter as `--json` prints it. */
export function meterJson({ evidence, upstream, ...reading }: MeterReading): Record<string, unknown> {
  return {
    meter: evidence.meter,
    watchedSince: formatInstant(evidence.watchedSinceMs),
    legacyLastSeenAt: formatInstant(evidence.legacy.lastSeenMs),
    targetLastSeenAt: formatInstant(evidence.target.lastSeenMs),
    ...reading,
    upstream: upstream && {
      failures: upstream.failures,
      lastFailureAt: formatInstant(upstream.lastMs),
      lastCode: upstream.lastCode,
    },
  };
}
