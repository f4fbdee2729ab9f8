import type { MeterReading } from '../fleet/fleet.ts';
import { type Finding, warn } from './finding.ts';

/** Finds the proxies in front of a sidecar that its plan does not name: the API does not see what they say. */
export function examineForwardedHeaders(reading: Pick<MeterReading, 'evidence' | 'forwardedHeaders'>): Finding[] {
  const replaced = describeReplacedHeaders(reading);
  if (replaced === undefined) return [];
  const action =
    'name your proxies in sidecar.trustedProxies, or the API sees http where clients use https, and may redirect to itself for ever; clients of yours do not belong there';
  return [warn('proxies', `${reading.evidence.meter}: ${replaced}`, action)];
}

/** Describes whose headers a sidecar replaced; `undefined` if it replaced none, or does not tell. */
export function describeReplacedHeaders({
  forwardedHeaders,
}: Pick<MeterReading, 'forwardedHeaders'>): string | undefined {
  if (forwardedHeaders === null || forwardedHeaders.replaced === 0) return undefined;
  const { replaced, from } = forwardedHeaders;
  return `the sidecar replaced the X-Forwarded-* headers of ${from.join(', ')} on ${replaced} ${replaced === 1 ? 'request' : 'requests'}`;
}
