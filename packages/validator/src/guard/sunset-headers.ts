import type { LegacySunset } from '@crossfade/core';

/** Response headers, names in lower case. */
export type SunsetHeaders = Readonly<Record<'deprecation' | 'sunset', string>>;

/**
 * The headers that announce the end of the legacy audience: for responses to requests with a legacy token.
 * @param sunset of a plan: `legacySunset` in core.
 * @see RFC 9745 §2 (`Deprecation`), RFC 8594 §3 (`Sunset`)
 */
export function sunsetHeaders({ deprecatedMs, sunsetMs }: LegacySunset): SunsetHeaders {
  return { deprecation: `@${Math.floor(deprecatedMs / 1000)}`, sunset: new Date(sunsetMs).toUTCString() };
}

/** Whether a value has the dates that {@link sunsetHeaders} writes, in an order that RFC 9745 §4 allows. */
export function isLegacySunset(value: unknown): boolean {
  const { deprecatedMs, sunsetMs } = (value ?? {}) as Partial<LegacySunset>;
  return isDate(deprecatedMs) && isDate(sunsetMs) && deprecatedMs <= sunsetMs;
}

function isDate(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= 8.64e15;
}
