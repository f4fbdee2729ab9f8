import { describeMoment } from '@crossfade/core';
import type { RunningBrownout } from '../fleet/running-brownout.ts';
import type { Report } from '../verb/report.ts';

/** Prints a running brownout: its share and end, who began it and why, and what it refused. */
export function printRunningBrownout(report: Report, running: RunningBrownout | null, nowMs: number): void {
  if (running === null) return;
  const { percent, untilMs, startedMs, operator, reason, refused, stoppedAt } = running;
  const began =
    startedMs === null ? 'no record tells who began it' : `begun ${describeMoment(startedMs, nowMs)} by ${operator}`;
  const text = [
    `${percent}% of clients get 401 for their legacy tokens until ${describeMoment(untilMs, nowMs)}`,
    reason === null ? began : `${began}, because ${reason}`,
    refused === null ? 'how much it refused is unknown' : `${refused} requests refused`,
  ];
  report.field('brownout', text.join('; '), 'yellow');
  if (stoppedAt.length > 0) report.field('', `stopped by itself at ${stoppedAt.join(', ')}`, 'yellow');
}
