import { formatDuration } from './duration.ts';

/** The latest time that `Date` can represent (ECMA-262, Time Values); a token can claim a later one. */
const LATEST_MS = 8.64e15;

/** Formats a time in ms as ISO 8601. `null` stays `null`; a time beyond the range of `Date` becomes its end. */
export function formatInstant(timeMs: number): string;
export function formatInstant(timeMs: number | null): string | null;
export function formatInstant(timeMs: number | null): string | null {
  if (timeMs === null) return null;
  return new Date(Math.max(-LATEST_MS, Math.min(timeMs, LATEST_MS))).toISOString();
}

/** Formats a time with its distance from now: `2026-03-01T12:00:00Z (in 3h 2m)`. */
export function describeMoment(timeMs: number, nowMs: number): string {
  const iso = formatInstant(timeMs).replace(/\.\d+Z$/, 'Z');
  const distance = timeMs > nowMs ? `in ${formatDuration(timeMs - nowMs)}` : `${formatDuration(nowMs - timeMs)} ago`;
  return `${iso} (${distance})`;
}
