import type { Conditions } from './conditions.ts';
import type { PlanNumbers, Sample, ScrapeTarget } from './recorded.ts';
import type { Witness } from './witness.ts';

/** The newest series of a service in level 1. What is `undefined` or left out is absent. */
export interface ServiceNow {
  watched?: number;
  targetBlind?: number;
  clockSlow?: number;
  /** When any instance last saw a target token. */
  targetSeen?: number;
  percent?: number;
  readonly now: Partial<Record<Witness, number>>;
}

/** The newest series of level 1, without its counts. */
export interface LevelOne {
  readonly plan: Partial<PlanNumbers>;
  readonly services: ReadonlyMap<string, ServiceNow>;
}

/** When level 1 counts tokens that were accepted, or accepted though a close would refuse them: by service. */
export interface Counts {
  readonly legacyAccepted: ReadonlyMap<string, number>;
  readonly afterCloseRejected: ReadonlyMap<string, number>;
}

const LOOKBACK = 300;
const HOUR = 3600;

/** Group `crossfade-level-1` at a moment. */
export function evaluateLevelOne(targets: readonly ScrapeTarget[], time: number, is: Conditions): LevelOne {
  const plan = currentPlan(targets, time, is);
  const services = new Map<string, ServiceNow>();
  const watched = new Set<string>();
  for (const target of targets) {
    const newest = newestUpTo(target, time);
    if (newest < 0 || sampleAt(target, newest).at < time - is.lookSeconds) continue;
    const service = services.get(target.service) ?? { now: {} };
    services.set(target.service, service);
    const { isWatched, isOld } = lookBack(target, newest, time, service, is);
    const last = sampleAt(target, newest);
    for (const process of isWatched) {
      const name = is.countsByProcess ? process : `${target.job} ${process}`;
      if (watched.has(name)) continue;
      watched.add(name);
      service.watched = (service.watched ?? 0) + 1;
    }
    if (isOld && plan.drainWindow !== undefined && last.targetSeen < time - plan.drainWindow)
      service.targetBlind = (service.targetBlind ?? 0) + 1;
    if (isLive(last, time)) service.clockSlow = Math.max(service.clockSlow ?? 0, last.at - last.clock);
  }
  for (const service of services.values()) {
    if (service.watched !== undefined && (plan.drainWindow !== undefined || !is.blindNeedsPlan))
      service.targetBlind ??= 0;
    if (is.clampsFuture) clampToNow(service.now, time);
    if (service.percent !== undefined && service.percent < 100) service.now.issuance_below_100 = time;
  }
  return { plan, services };
}

/** Reads the last 5 minutes of a target: which of its processes are watched, and whether one is old enough to see target tokens. */
function lookBack(target: ScrapeTarget, newest: number, time: number, service: ServiceNow, is: Conditions) {
  const isWatched: string[] = [];
  let isOld = false;
  let tellsAll = false;
  let process = '';
  for (let index = newest; index >= 0; index -= 1) {
    const sample = sampleAt(target, index);
    if (sample.at < time - is.lookSeconds) break;
    raiseAll(service.now, sample);
    service.percent = Math.min(service.percent ?? 100, sample.percent);
    service.targetSeen = Math.max(service.targetSeen ?? 0, Math.min(sample.targetSeen, time));
    tellsAll ||= sample.verifiedDisagreement !== undefined;
    isOld ||= sample.processStart <= time - is.targetAge;
    if (sample.process === process) continue;
    process = sample.process;
    if (sample.processStart <= time - is.watchedAge) isWatched.push(process);
  }
  return { isWatched: tellsAll || !is.needsDisagreements ? isWatched : [], isOld };
}

function raiseAll(now: ServiceNow['now'], sample: Sample): void {
  raise(now, 'legacy_seen', sample.legacySeen);
  raise(now, 'legacy_issued', sample.legacyIssued);
  raise(now, 'legacy_expiry', sample.legacyExpiry);
  raise(now, 'unjudged', sample.unjudged);
  raise(now, 'valid_unauthorized', sample.validUnauthorized);
  raise(now, 'verified_disagreement', sample.verifiedDisagreement);
  raise(now, 'unverified_disagreement', sample.unverifiedDisagreement);
}

function raise(now: ServiceNow['now'], what: Witness, value: number | undefined): void {
  if (value !== undefined && value >= (now[what] ?? 0)) now[what] = value;
}

/** What was seen cannot lie in the future, though a clock may. What expires may. */
function clampToNow(now: ServiceNow['now'], time: number): void {
  for (const what of Object.keys(now) as Witness[])
    if (what !== 'legacy_expiry') now[what] = Math.min(now[what] ?? 0, time);
}

/** While two plans are about: the longer windows, the shorter blindness, the higher share. */
function currentPlan(targets: readonly ScrapeTarget[], time: number, is: Conditions): Partial<PlanNumbers> {
  let merged: PlanNumbers | undefined;
  for (const target of targets) {
    const newest = newestUpTo(target, time);
    if (newest < 0) continue;
    const sample = sampleAt(target, newest);
    if (sample.at >= time - is.planLookback && sample.plan !== merged)
      merged = merged ? mergePlans(merged, sample.plan) : sample.plan;
  }
  return merged ?? {};
}

export function mergePlans(one: PlanNumbers, other: PlanNumbers): PlanNumbers {
  return {
    drainWindow: Math.max(one.drainWindow, other.drainWindow),
    sessionHorizon: Math.max(one.sessionHorizon, other.sessionHorizon),
    clockTolerance: Math.max(one.clockTolerance, other.clockTolerance),
    blind: Math.min(one.blind, other.blind),
    coverage: Math.max(one.coverage, other.coverage),
  };
}

/** Group `crossfade-level-1-counts` at a moment: the services whose counters rose in the last 5 minutes. */
export function evaluateCounts(targets: readonly ScrapeTarget[], time: number, is: Conditions): Counts {
  const legacyAccepted = new Map<string, number>();
  const afterCloseRejected = new Map<string, number>();
  for (const target of targets) {
    const newest = newestUpTo(target, time);
    if (newest < 0 || sampleAt(target, newest).at < time - LOOKBACK) continue;
    const { last, before, isSame, isYoung } = lookBackAnHour(target, newest, time, is);
    const count = (counts: Map<string, number>, now: number, then: number | undefined) => {
      const added = isSame && then !== undefined && then <= now ? now - then : isYoung ? now : undefined;
      if (added !== undefined && added > 0) counts.set(target.service, time);
    };
    count(legacyAccepted, last.legacyAccepted, before?.legacyAccepted);
    count(afterCloseRejected, last.afterCloseRejected, before?.afterCloseRejected);
  }
  return { legacyAccepted, afterCloseRejected };
}

/** A counter now and at least 5 minutes ago, and whether the process is still the same, or so young that all of it is new. */
function lookBackAnHour(target: ScrapeTarget, newest: number, time: number, is: Conditions) {
  const last = sampleAt(target, newest);
  let before: Sample | undefined;
  let startNow = 0;
  let startBefore = 0;
  let isYoung = false;
  for (let index = newest; index >= 0; index -= 1) {
    const sample = sampleAt(target, index);
    if (sample.at < time - LOOKBACK - HOUR) break;
    if (sample.at >= time - LOOKBACK) {
      startNow = Math.max(startNow, sample.processStart);
      isYoung ||= sample.processStart > time - is.youngAge;
    }
    if (sample.at <= time - LOOKBACK) {
      before ??= sample;
      startBefore = Math.max(startBefore, sample.processStart);
    }
  }
  return { last, before, isSame: before !== undefined && startNow === startBefore, isYoung };
}

/** An instant selector sees it. */
function isLive(sample: Sample, time: number): boolean {
  return sample.at >= time - LOOKBACK && sample.staleAt > time;
}

const cursors = new WeakMap<ScrapeTarget, number>();

/** The index of the newest sample up to a time; -1 for none. Fast where the times advance. */
function newestUpTo(target: ScrapeTarget, time: number): number {
  let index = cursors.get(target) ?? -1;
  while (index >= 0 && sampleAt(target, index).at > time) index -= 1;
  while (index + 1 < target.samples.length && sampleAt(target, index + 1).at <= time) index += 1;
  cursors.set(target, index);
  return index;
}

function sampleAt(target: ScrapeTarget, index: number): Sample {
  return target.samples[index] as Sample;
}
