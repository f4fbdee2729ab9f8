import { formatDuration } from './duration.ts';

/** A time as people read it: `2026-03-01T12:00:00Z (in 3h 2m)`. */
export function describeMoment(timeMs: number, nowMs: number): string {
  const iso = new Date(timeMs).toISOString().replace(/\.\d+Z$/, 'Z');
  const distance = timeMs > nowMs ? `in ${formatDuration(timeMs - nowMs)}` : `${formatDuration(nowMs - timeMs)} ago`;
  return `${iso} (${distance})`;
}
