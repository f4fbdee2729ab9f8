import type { Dependency } from '@crossfade/core';
import { METRICS } from '@crossfade/core/metrics';
import type { Meter } from '../meter/meter.ts';
import { by, one, seen } from './samples.ts';
import type { Sample, Series } from './series.ts';

const SECOND_MS = 1000;

/**
 * What the meter counts.
 * @param causes what judging depends on, and so can be unavailable.
 */
export function trafficSeries(meter: Meter, causes: readonly Dependency[]): readonly Series[] {
  const { requests, rejections, validUnauthorized, disagreements, lastDisagreement, apiResponse, unavailable } =
    METRICS;
  return [
    { metric: requests, read: () => requestSamples(meter) },
    { metric: METRICS.preflights, read: () => one(meter.preflights()) },
    { metric: rejections, read: () => seen(by('reason', rejections.labels.reason, meter.rejections)) },
    { metric: METRICS.afterCloseRejections, read: () => one(meter.afterCloseRejections()) },
    {
      metric: validUnauthorized,
      read: () => by('audience', validUnauthorized.labels.audience, (name) => meter.audience(name).validUnauthorized),
    },
    { metric: METRICS.lastValidUnauthorized, read: () => one(seconds(meter.lastValidUnauthorizedMs())) },
    { metric: disagreements, read: () => seen(by('reason', disagreements.labels.reason, meter.disagreements)) },
    {
      metric: lastDisagreement,
      read: () => by('token', lastDisagreement.labels.token, (token) => seconds(meter.lastDisagreementMs(token))),
    },
    {
      metric: apiResponse,
      read: () =>
        apiResponse.labels.audience.flatMap((audience) =>
          apiResponse.labels.response.map((response) => ({
            labels: { audience, response },
            value: seconds(meter.apiResponseMs(audience, response)),
          })),
        ),
    },
    {
      metric: unavailable,
      read: () =>
        by('cause', unavailable.labels.cause, meter.unavailable).filter(
          ({ labels, value }) => value > 0 || causes.some((cause) => cause === labels['cause']),
        ),
    },
    { metric: METRICS.lastUnavailable, read: () => one(seconds(meter.lastUnavailableMs())) },
    ...seenSeries(meter),
  ];
}

function seenSeries(meter: Pick<Meter, 'audience'>): readonly Series[] {
  const { lastSeen, latestIssued, latestExpiry } = METRICS;
  return [
    {
      metric: lastSeen,
      read: () => by('audience', lastSeen.labels.audience, (name) => seconds(meter.audience(name).lastSeenMs)),
    },
    {
      metric: latestIssued,
      read: () => by('audience', latestIssued.labels.audience, (name) => meter.audience(name).latestIssuedSeconds),
    },
    {
      metric: latestExpiry,
      read: () => by('audience', latestExpiry.labels.audience, (name) => meter.audience(name).latestExpirySeconds),
    },
  ];
}

function requestSamples(meter: Pick<Meter, 'audience'>): readonly Sample[] {
  const { audience: all } = METRICS.requests.labels;
  // No other class is ever accepted.
  const { audience: accepted } = METRICS.lastSeen.labels;
  return [
    ...all.map((audience) => ({
      labels: { audience, outcome: 'rejected' },
      value: meter.audience(audience).rejected,
    })),
    ...accepted.map((audience) => ({
      labels: { audience, outcome: 'accepted' },
      value: meter.audience(audience).accepted,
    })),
  ];
}

/** The connections that outlive the tokens that opened them. */
export function openConnectionSeries(read: () => Readonly<Record<'legacy' | 'target' | 'bridge', number>>): Series {
  return {
    metric: METRICS.openConnections,
    read() {
      const counts = read();
      return by('audience', METRICS.openConnections.labels.audience, (audience) => counts[audience]);
    },
  };
}

function seconds(ms: number | null): number {
  return (ms ?? 0) / SECOND_MS;
}
