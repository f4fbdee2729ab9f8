import type { Process, ScrapeAttempt } from './fleet.ts';
import type { Sample } from './recorded.ts';
import type { TrafficEvent } from './traffic.ts';

const TARGET_EVERY = 60;

/** By how much the clock of a process is ahead at a time. */
export function skewAt({ skews }: Process, at: number): number {
  return skews.findLast(({ from }) => from <= at)?.seconds ?? 0;
}

/** When a process last saw a target token, by the true time; `undefined` for never. */
export function lastTargetAt(process: Process, at: number, idleUntil: number): number | undefined {
  const first = process.isIdle ? Math.max(process.startedAt, idleUntil) + 5 : process.startedAt + process.targetAfter;
  if (at < first) return undefined;
  return Math.min(first + Math.floor((at - first) / TARGET_EVERY) * TARGET_EVERY, process.servesUntil);
}

export interface MeterScript {
  readonly idleUntil: number;
  /** What the process's flags say at a time. */
  percentAt(process: Process, at: number): number;
}

/** What the scrapes of an instance bring, given the events of its processes in order. */
export function sampleScrapes(
  attempts: readonly ScrapeAttempt[],
  eventsOf: (process: Process) => readonly TrafficEvent[],
  script: MeterScript,
): Sample[] {
  const samples: Sample[] = [];
  for (const { at, process } of attempts) {
    const previous = samples.at(-1);
    if (previous && (process === undefined || process.name !== previous.process))
      previous.staleAt = Math.min(previous.staleAt, at);
    if (process === undefined) continue;
    samples.push(readMeter(process, at, eventsOf(process), script));
  }
  return samples;
}

function readMeter(process: Process, at: number, events: readonly TrafficEvent[], script: MeterScript): Sample {
  const last: Record<'legacy' | Exclude<TrafficEvent['kind'], 'legacy_rejected' | 'bridge'>, number> = {
    legacy: 0,
    unjudged: 0,
    valid_unauthorized: 0,
    verified_disagreement: 0,
    unverified_disagreement: 0,
  };
  let legacyIssued = 0;
  let legacyExpiry = 0;
  let legacyAccepted = 0;
  let afterCloseRejected = 0;
  for (const event of events) {
    if (event.at > at) break;
    const stamp = Math.max(1, event.at + skewAt(process, event.at));
    const name = event.kind === 'legacy_rejected' || event.kind === 'bridge' ? 'legacy' : event.kind;
    last[name] = Math.max(last[name], stamp);
    if (name !== 'legacy') continue;
    legacyIssued = Math.max(legacyIssued, event.issuedAt);
    legacyExpiry = Math.max(legacyExpiry, event.expiresAt);
    if (event.kind === 'legacy') legacyAccepted += 1;
    if (event.kind !== 'legacy_rejected') afterCloseRejected += 1;
  }
  const targetAt = lastTargetAt(process, at, script.idleUntil);
  const tells = process.tellsDisagreements;
  return {
    at,
    staleAt: Number.POSITIVE_INFINITY,
    process: process.name,
    processStart: process.startedAt + skewAt(process, process.startedAt),
    isFinal: process.isClean && at >= process.servesUntil,
    clock: at + skewAt(process, at),
    percent: script.percentAt(process, at),
    legacySeen: last.legacy,
    targetSeen: targetAt === undefined ? 0 : targetAt + skewAt(process, targetAt),
    legacyIssued,
    legacyExpiry,
    unjudged: last.unjudged,
    validUnauthorized: last.valid_unauthorized,
    verifiedDisagreement: tells ? last.verified_disagreement : undefined,
    unverifiedDisagreement: tells ? last.unverified_disagreement : undefined,
    legacyAccepted,
    afterCloseRejected,
    plan: process.plan,
  };
}
