import type { Disagreements, MeterEvidence, RecordedDrain, Side, SideResponses } from '@crossfade/core';
import type { Sample } from '../prometheus/prometheus-query.ts';
import type { MeterReading, SilentMeter } from './fleet.ts';
import type { PrometheusQueryName } from './prometheus-queries.ts';

/** What each query returned. */
export type QueryResults = (name: PrometheusQueryName) => readonly Sample[];
export const NOTHING: QueryResults = () => [];

/** What any instance has seen, including former ones. */
export type SharedSightings = Pick<MeterEvidence, 'legacy' | 'lastValidUnauthorizedMs'> & {
  readonly disagreements: Disagreements;
};

export function sharedSightings(recorded: RecordedDrain | null): SharedSightings {
  const { last, disagreementReasons } = recorded ?? { last: {}, disagreementReasons: {} };
  return {
    legacy: {
      lastSeenMs: last.legacy_seen ?? null,
      latestIssuedMs: last.legacy_issued ?? null,
      latestExpiryMs: last.legacy_expiry ?? null,
    },
    lastValidUnauthorizedMs: last.valid_unauthorized ?? null,
    disagreements: {
      lastVerifiedMs: last.verified_disagreement ?? null,
      lastUnverifiedMs: last.unverified_disagreement ?? null,
      reasons: disagreementReasons,
    },
  };
}

/** Whether both series are there: an older sidecar exposes none. */
function tellsOfDisagreements(series: readonly Sample[]): boolean {
  return ['verified', 'unverified'].every((token) => series.some(({ labels }) => labels['token'] === token));
}

/** Reads one instance. */
export function toReading(
  meter: string,
  own: QueryResults,
  watchedSinceMs: number,
  shared: SharedSightings,
  shownSinceMs = 0,
): MeterReading {
  // A sample of long ago is not stale yet: the instance may have ended, or its scrape failed.
  const isOld = own('flagsShown').some(({ value }) => value * 1000 < shownSinceMs);
  const disagreements = tellsOfDisagreements(own('disagreementSeries')) ? shared.disagreements : null;
  const process = labelOf(own('process'), 'process');
  return {
    evidence: {
      meter,
      watchedSinceMs,
      ...shared,
      target: { lastSeenMs: newestMs(own('targetLastSeen')) },
      disagreements,
    },
    sides: { legacy: sideOf(own, 'legacy'), target: sideOf(own, 'target') },
    missingTargetKeys: missingTargetKeysOf(own('accepts')),
    issuancePercent: own('percent')[0]?.value ?? null,
    revision: labelOf(own('flags'), 'revision'),
    flagsSource: labelOf(own('flags'), 'source'),
    flagsHash: labelOf(own('flags'), 'hash'),
    stale: false,
    ...(isOld && { isOld }),
    validUnauthorized: own('unauthorizedCount')[0]?.value ?? 0,
    // One query has those of all instances.
    openConnections: null,
    forwardedHeaders: null,
    upstream: null,
    ...(process !== null && { process }),
  };
}

/** An older meter lacks a label, and one that knows nothing has it empty. */
function labelOf([sample]: readonly Sample[], name: string): string | null {
  return sample?.labels[name] || null;
}

/**
 * An observing sidecar has no `crossfade_accepts` series, and one that enforces has none of a side whose keys it never had:
 * then only the API's responses show what it accepts.
 */
function sideOf(own: QueryResults, side: Side): MeterReading['sides'][Side] {
  const ofSide = (samples: readonly Sample[]) => samples.filter(({ labels }) => labels['audience'] === side);
  return { ...responsesOf(ofSide(own('responses'))), commanded: commandedOf(ofSide(own('accepts'))) };
}

function commandedOf([sample]: readonly Sample[]): boolean | undefined {
  return sample && sample.value === 1;
}

/** Instances that are scraped no more, with what they showed last of the legacy side. */
export function readSilent(results: QueryResults): readonly SilentMeter[] {
  const live = results('live');
  const past = [...results('pastAccepts'), ...results('pastResponses')].map(({ labels }) => labels);
  const gone = past.filter((labels) => !live.some((other) => isSameInstance(other.labels, labels)));
  const each = new Map(gone.map((labels) => [`${labels['job']} ${labels['instance']}`, labels]));
  return [...each.values()].map((labels) => {
    const own = (name: PrometheusQueryName) => results(name).filter((sample) => isSameInstance(sample.labels, labels));
    return {
      meter: labels['instance'] ?? 'an instance without a label',
      legacy: {
        acceptedMs: null,
        unauthorizedMs: newestMs(own('pastResponses')),
        commanded: commandedOf(own('pastAccepts')),
      },
    };
  });
}

/** A sidecar that shows one side only enforces, and never had the keys of the other. */
function missingTargetKeysOf(series: readonly Sample[]): string | null {
  const shows = (side: Side) => series.some(({ labels }) => labels['audience'] === side);
  return shows('legacy') && !shows('target') ? 'its /readyz says why' : null;
}

function responsesOf(samples: readonly Sample[]): SideResponses {
  const last = (response: string) => newestMs(samples.filter(({ labels }) => labels['response'] === response));
  return { acceptedMs: last('accepted'), unauthorizedMs: last('unauthorized') };
}

export function isSameInstance(one: Sample['labels'], other: Sample['labels']): boolean {
  return one['instance'] === other['instance'] && one['job'] === other['job'];
}

/** Returns the newest of timestamps in seconds, in ms. A gauge at 0 has seen nothing yet. */
function newestMs(samples: readonly Sample[]): number | null {
  const newest = Math.max(0, ...samples.map(({ value }) => value));
  return newest === 0 ? null : newest * 1000;
}
