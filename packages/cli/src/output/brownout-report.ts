import { describeMoment, type FlagDocument, MAX_BROWNOUT_MS } from '@crossfade/core';
import type { RunningBrownout } from '../fleet/running-brownout.ts';
import type { Report } from '../verb/report.ts';

/** Warns of a brownout that readers do not obey yet: a mistyped date would refuse legacy some day. */
export function printLatentBrownout(report: Report, { brownout }: Pick<FlagDocument, 'brownout'>, nowMs: number): void {
  if (brownout === null || brownout.untilMs - nowMs <= MAX_BROWNOUT_MS) return;
  const until = describeMoment(brownout.untilMs, nowMs);
  const text = `the flags command one of ${brownout.percent}% until ${until}: readers obey it from a day before. End it: crossfade brownout --stop`;
  report.field('brownout', text, 'yellow');
}

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
