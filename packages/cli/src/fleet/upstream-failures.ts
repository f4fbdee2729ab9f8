import { formatDuration } from '@crossfade/core';
import type { MeterReading } from './fleet.ts';

/** How long a failure of the API is worth naming. */
const RECENT_MS = 5 * 60_000;

/** Describes what fails at the API; `undefined` if nothing did lately, or the meter does not tell. */
export function describeUpstreamFailures(
  { upstream }: Pick<MeterReading, 'upstream'>,
  nowMs: number,
): string | undefined {
  if (upstream === null || nowMs - upstream.lastMs > RECENT_MS) return undefined;
  const { failures, lastMs, lastCode } = upstream;
  const requests = failures === 1 ? '1 request' : `${failures} requests`;
  return `the API failed ${requests} of the sidecar, the last one ${formatDuration(Math.max(0, nowMs - lastMs))} ago (${lastCode})`;
}
