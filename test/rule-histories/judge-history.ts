import type { Process } from './fleet.ts';
import { mergePlans } from './level-one.ts';
import type { PlanNumbers, Sample } from './recorded.ts';
import type { Evaluation } from './rules-model.ts';
import { lastTargetAt, skewAt } from './scrape-samples.ts';
import type { History, Truth } from './simulate.ts';
import { LEGACY_KINDS, type TrafficEvent } from './traffic.ts';

/** What no rule can know: the limits that `docs/` state. Each excuses one pass, and is counted by itself. */
export const LIMITS = [
  /** Requests between a last scrape and a crash are known only as a loss. */
  'crash',
  /** The verdict lags: what came less than 8 minutes ago may not have been scraped. */
  'lag',
  /** A clock that was set between a request and its scrape. */
  'clock_set_before_scrape',
  /** Issuance below 100 % that no scrape saw: the flag store knows since when it is at 100 %. */
  'unseen_issuance',
] as const;
export type Limit = (typeof LIMITS)[number];

/** A pass that the truth contradicts. */
export interface Contradiction {
  readonly time: number;
  readonly why: string;
  readonly limit?: Limit;
}

/** The longest hole that is bridged, in which an instance may be out of sight and end: 7 minutes, and an evaluation. */
const LONGEST_UNSEEN = 450;
const LOOK_LAG = 480;
const LONGEST_HOLE = 300;
const SCRAPE = 60;
const EXPECTED_STEP = 30;
/** An expectation settles within 3 minutes, and 2 are bridged: by so much the edges of a hole are blurred. */
const BLURRED_EDGE = 330;

/** Compares verdicts with what truly happened. */
export function createJudge(history: History) {
  const { recorded, truth } = history;
  const samplesOf = new Map<string, Sample[]>();
  for (const { samples } of recorded.targets)
    for (const sample of samples) samplesOf.set(sample.process, [...(samplesOf.get(sample.process) ?? []), sample]);
  const scrapesOf = (process: Process) => samplesOf.get(process.name) ?? [];
  const knownAt = ({ at, process }: TrafficEvent) => {
    const times = scrapesOf(process).flatMap((sample) => (sample.at >= at ? sample.at : []));
    return times.length === 0 ? undefined : Math.min(...times);
  };
  const events = truth.traffic.events.map((event) => ({ ...event, knownAt: knownAt(event) }));
  const rareGaps = truth.traffic.rareClients.flatMap(({ cycle, events: own }) =>
    own.slice(1).flatMap((next, index) => {
      const last = own[index] as TrafficEvent;
      return next.at - last.at <= cycle
        ? { from: last.at, to: next.at, knownAt: knownAt(last), process: last.process }
        : [];
    }),
  );
  const longest = truth.plans.reduce(mergePlans);
  const unseen = findUnseen(truth, scrapesOf);
  const lowSeenAt = recorded.targets.flatMap(({ samples }) =>
    samples.flatMap(({ at, percent }) => (percent < 100 ? at : [])),
  );
  const sessions = truth.traffic.sessions.map((session) => {
    const seenAt = session.events.flatMap((event) => knownAt(event) ?? []);
    const isLowSeen = lowSeenAt.some((at) => at >= session.loginAt - 180);
    return { ...session, isUnseen: (time: number) => !isLowSeen && !seenAt.some((at) => at <= time - SCRAPE) };
  });
  const refusedFrom = truth.drains ? quietFrom(truth, events, longest) : Number.POSITIVE_INFINITY;

  /** Why this pass is wrong; the first reason that no limit excuses, else one that is excused. */
  function contradiction(time: number): Contradiction | undefined {
    const found: Contradiction[] = [];
    const say = (why: string, limit?: Limit | false) => found.push({ time, why, ...(limit && { limit }) });
    if (truth.expectedFault !== 'none') say(`expected instances are wrong: ${truth.expectedFault}`);
    for (const session of sessions) {
      const { loginAt, aliveUntil } = session;
      if (time < loginAt || time >= aliveUntil) continue;
      say(`a legacy session of ${loginAt} lives until ${aliveUntil}`, session.isUnseen(time) && 'unseen_issuance');
    }
    for (const gap of rareGaps)
      if (gap.from <= time && time < gap.to)
        say(
          `a rare client that came at ${gap.from} comes again at ${gap.to}`,
          excuseUnknown(gap.knownAt, gap.from, gap.process, time),
        );
    for (const event of events) {
      const isLegacy = LEGACY_KINDS.includes(event.kind);
      const { drainWindow, sessionHorizon } = event.process.plan;
      const window = event.kind === 'unjudged' ? Math.max(drainWindow, sessionHorizon) : drainWindow;
      if (time < event.at || time >= event.at + window) continue;
      say(
        `${event.kind} at ${event.at}`,
        excuseUnknown(event.knownAt, event.at, event.process, time) ?? excuseClock(event, isLegacy),
      );
    }
    const window = Math.max(longest.drainWindow, longest.sessionHorizon);
    for (const { from, to, name } of unseen)
      if (from + LONGEST_UNSEEN + BLURRED_EDGE <= time && time < to + window - BLURRED_EDGE)
        say(`${name} was out of sight from ${from} to ${to}`);
    for (const process of truth.processes) if (isBlind(process, time)) say(`${process.name} sees no target token`);
    return found.find(({ limit }) => limit === undefined) ?? found[0];
  }

  function isBlind(process: Process, time: number): boolean {
    if (!process.isIdle || time < process.startedAt + 3600 + LOOK_LAG || time > process.servesUntil) return false;
    if (process.skews.length > 0) return false;
    const isScraped = scrapesOf(process).some(({ at }) => time - 240 <= at && at <= time);
    const last = lastTargetAt(process, time, truth.idleUntil);
    return isScraped && (last === undefined || last < time - longest.drainWindow - LOOK_LAG);
  }

  const unknownAt = findUnknown(history);
  /** Whether what was unwatched outran what is allowed because, for more than half of that, no expectation was known. */
  function isUnknownTooLong({ time, debt = 0, watchedSince = time, plan: { blind = 0 } }: Evaluation): boolean {
    const unknown = EXPECTED_STEP * unknownAt.filter((at) => at >= watchedSince - LOOK_LAG && at <= time).length;
    return debt > blind && unknown > debt / 2;
  }

  let passedAt = Number.NEGATIVE_INFINITY;

  /** Once all is over: a known failure, or no pass for longer than a hole that is bridged. */
  function isRefusal(evaluation: Evaluation): boolean {
    const { time, drained } = evaluation;
    if (drained === 1) passedAt = time;
    if (time < refusedFrom || drained === 1 || isUnknownTooLong(evaluation)) return false;
    return drained === 0 || time - Math.max(passedAt, refusedFrom) > LONGEST_HOLE;
  }

  return {
    contradiction,
    /** From then on each verdict must be a pass. */
    refusedFrom,
    isRefusal,
  };
}

function excuseUnknown(knownAt: number | undefined, at: number, process: Process, time: number): Limit | undefined {
  const isLost = knownAt === undefined && process.goneAt <= time + LOOK_LAG;
  if (isLost && process.goneAt - at <= LONGEST_UNSEEN) return 'crash';
  if ((knownAt === undefined || time < knownAt + SCRAPE) && time - at <= LOOK_LAG) return 'lag';
  return undefined;
}

function excuseClock(event: TrafficEvent & { knownAt: number | undefined }, isLegacy: boolean): Limit | undefined {
  const skew = skewAt(event.process, event.at);
  if (skew >= 0 || event.knownAt === undefined) return undefined;
  const wasSet = skewAt(event.process, event.knownAt) !== skew;
  const isCounted = isLegacy && event.kind !== 'legacy_rejected';
  return wasSet && !isCounted ? 'clock_set_before_scrape' : undefined;
}

/** When a service was expected to have none, or served while its expected number was absent: each step once. */
function findUnknown({ recorded, truth }: History): readonly number[] {
  const steps = new Set<number>();
  for (const { service, values } of recorded.expected)
    for (const [step, value] of values.entries()) {
      const at = step * EXPECTED_STEP;
      const serves = truth.processes.some(
        (one) => one.service === service && one.startedAt <= at && at < one.servesUntil,
      );
      if (value === 0 || (value === null && serves)) steps.add(at);
    }
  return [...steps];
}

/** Instances that served out of sight for longer than any bridge. */
function findUnseen(truth: Truth, scrapesOf: (process: Process) => readonly Sample[]) {
  return truth.processes.flatMap((process) => {
    const told = scrapesOf(process).filter(({ verifiedDisagreement }) => verifiedDisagreement !== undefined);
    const from = Math.max(process.startedAt, ...told.map(({ at }) => at));
    const to = process.servesUntil;
    return to - from > LONGEST_UNSEEN ? { from, to, name: process.name } : [];
  });
}

/** When everything that a gate waits for is over, and what it may take to notice. */
function quietFrom(truth: Truth, events: readonly TrafficEvent[], longest: PlanNumbers): number {
  const { drainWindow, sessionHorizon, clockTolerance } = longest;
  const window = Math.max(drainWindow, sessionHorizon);
  const waits = [truth.chaosUntil + LOOK_LAG + window];
  for (const { at, process, kind, expiresAt } of events) {
    const ahead = Math.max(0, ...process.skews.map(({ seconds }) => seconds));
    const noticed = Math.min(at + ahead, Math.max(at, process.goneAt)) + LOOK_LAG;
    waits.push(
      noticed + (kind === 'unjudged' || LEGACY_KINDS.includes(kind) ? window : drainWindow),
      expiresAt + clockTolerance,
    );
  }
  const full = truth.issuance.at(-1)?.from ?? 0;
  waits.push(full + LOOK_LAG + window);
  return Math.max(...waits) + SCRAPE;
}
