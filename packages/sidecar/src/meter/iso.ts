/** The largest time a `Date` can hold; a token can claim a later one. */
const LATEST_DATE_MS = 8.64e15;

/** ISO 8601 of a time in ms; a time nobody knows stays `null`. */
export function isoOf(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(Math.min(timeMs, LATEST_DATE_MS)).toISOString();
}
