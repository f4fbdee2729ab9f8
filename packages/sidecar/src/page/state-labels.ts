import type { SidecarStatus } from '@crossfade/core/status';
import { formatAgo, formatCount, formatSpan, formatTime } from './labels.ts';

/** How long something that happened is shown as happening; the alerts have the same window. */
const RECENT_MS = 300_000;

/** Whether something happened so lately that it is shown in red. */
export function isRecent(iso: string | null, nowMs: number): boolean {
  return iso !== null && nowMs - Date.parse(iso) <= RECENT_MS;
}

/** Describes the valid tokens that the API refused. `recent`: how many of them in the last five minutes. */
export function describeUnauthorized(
  {
    validUnauthorized,
    lastValidUnauthorizedAt,
    startedAt,
  }: Pick<SidecarStatus, 'validUnauthorized' | 'lastValidUnauthorizedAt' | 'startedAt'>,
  recent: number,
  nowMs: number,
): string {
  const since = `since ${formatTime(Date.parse(startedAt), nowMs)}, when this sidecar started`;
  if (validUnauthorized === 0) return `No valid token was refused ${since}. It must stay 0.`;
  const last = formatAgo(lastValidUnauthorizedAt, nowMs);
  if (!isRecent(lastValidUnauthorizedAt, nowMs)) {
    const at = lastValidUnauthorizedAt === null ? '' : ` (${formatTime(Date.parse(lastValidUnauthorizedAt), nowMs)})`;
    return `The last one ${last}${at}, none after it. Counted ${since}.`;
  }
  const minutes = Math.min(RECENT_MS, Math.max(1000, nowMs - Date.parse(startedAt))) / 60_000;
  const rate = Number((recent / minutes).toPrecision(2));
  return `${formatCount(recent)} in the last ${formatSpan(minutes * 60_000)} (${rate}/min), the last one ${last}. It must be 0: crossfade rollback. Counted ${since}.`;
}

/** Counts what a history's points have within the last five minutes. */
export function countRecent(
  points: readonly { readonly atMs: number; readonly unauthorized: number }[],
  nowMs: number,
): number {
  return points
    .filter(({ atMs }) => nowMs - atMs <= RECENT_MS)
    .reduce((sum, { unauthorized }) => sum + unauthorized, 0);
}

/** Describes the flags in use: the document, its store, and when the store last confirmed it. */
export function describeFlags({ revision, hash = null, ageSeconds, problem }: SidecarStatus['flags']): string {
  const age = ageSeconds === null ? 'never confirmed' : `confirmed ${formatSpan(ageSeconds * 1000)} ago`;
  const problems = problem === undefined ? '' : `: ${problem}`;
  return `revision ${revision ?? 'unknown'}, hash ${hash ?? 'unknown'}, ${age}${problems}`;
}

/** Describes a brownout under way; empty for none. */
export function describeBrownout(brownout: SidecarStatus['brownout'], nowMs: number): string {
  if (brownout === undefined || brownout === null) return '';
  const end = formatTime(Date.parse(brownout.until), nowMs);
  if (brownout.stopped === true) return `stopped here by itself; it was to end at ${end}`;
  const refused = brownout.refused === undefined ? '' : `, ${formatCount(brownout.refused)} requests refused`;
  return `legacy is refused for ${brownout.percent} % of clients until ${end}${refused}`;
}
