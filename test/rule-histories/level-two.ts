import type { DrainCheckName } from '@crossfade/core';
import type { Conditions } from './conditions.ts';
import { type Counts, type LevelOne, mergePlans, type ServiceNow } from './level-one.ts';
import type { ExpectedInstances, PlanNumbers } from './recorded.ts';
import type { StampedWitness, Witness } from './witness.ts';

/** What level 2 records of a migration. What is left out is absent. */
export interface LevelTwo {
  readonly drained?: 0 | 1;
  readonly checks: Readonly<Partial<Record<DrainCheckName, 0 | 1>>>;
  readonly watched?: number;
  readonly watchedSince?: number;
  readonly debt?: number;
  readonly last: Readonly<Partial<Record<Witness, number>>>;
  readonly plan: Partial<PlanNumbers>;
}

/** What level 2 remembers from one evaluation to the next. */
export interface Memory {
  plan: PlanNumbers | undefined;
  watchedSince: number | undefined;
  /** By service. */
  readonly fullLooks: Map<string, number>;
  /** By service: how many instances level 1 last saw watched, and when. */
  readonly looks: Map<string, { readonly at: number; readonly watched: number }>;
  /** By service: when a target token was last seen. */
  readonly targetSeen: Map<string, number>;
  /** By service: how many were missing at the evaluations of the last hour. */
  readonly missing: Map<string, readonly CountAt[]>;
  /** By service: how many were watched beyond those that were expected. */
  readonly surplus: Map<string, readonly CountAt[]>;
  /** Which services were expected at the evaluations of the last hour. */
  services: readonly { readonly at: number; readonly names: ReadonlySet<string> }[];
  debt: number | undefined;
  evaluated: number | undefined;
  /** When it was evaluated again after a stop. */
  resumed: number | undefined;
  last: Partial<Record<Witness, number>>;
}

interface CountAt {
  readonly at: number;
  readonly count: number;
}

export function createMemory(): Memory {
  return {
    plan: undefined,
    watchedSince: undefined,
    fullLooks: new Map(),
    looks: new Map(),
    targetSeen: new Map(),
    missing: new Map(),
    surplus: new Map(),
    services: [],
    debt: undefined,
    evaluated: undefined,
    resumed: undefined,
    last: {},
  };
}

const STAMPED: readonly StampedWitness[] = [
  'legacy_seen',
  'unjudged',
  'valid_unauthorized',
  'verified_disagreement',
  'unverified_disagreement',
];
/** Without a word of each of them, nothing is watched. */
const SPEAKING: readonly Witness[] = [...STAMPED, 'legacy_issued', 'legacy_expiry'];
const EXPECTED_STEP = 30;
const LAST_LOOK = 90;
const HOUR = 3600;
const ALLOWED_SURPLUS = 1.1;
const LOOKBACK = 300;
/** What is expected is known from up to 7 minutes ago. */
const LOOK_BACK_AT_EXPECTED = 420;

/** The inputs of an evaluation of group `crossfade-level-2`. */
export interface LevelTwoInput {
  readonly time: number;
  readonly levelOne: LevelOne;
  readonly levelOneAt: number;
  readonly counts: Counts;
  readonly expected: readonly ExpectedInstances[];
}

export function evaluateLevelTwo(input: LevelTwoInput, memory: Memory, is: Conditions): LevelTwo {
  const { time, levelOne } = input;
  rememberPlan(levelOne.plan, memory, is);
  rememberLooks(input, memory);
  rememberTargets(input, memory);
  rememberMissing(input, memory);
  const { plan } = memory;
  const ratios = watchedRatios(input, memory, is);
  rememberServices(time, ratios, memory);
  const ratio = ratios.size === 0 ? undefined : Math.min(...ratios.values());
  const spoken = haveSpoken(input, ratios, memory, is);
  let watched: 0 | 1 | undefined;
  if (plan !== undefined) {
    if (ratio !== undefined && spoken !== undefined) watched = ratio >= plan.coverage * is.coverageShare ? spoken : 0;
    keepWatch(time, ratios, spoken, plan, memory, is);
    keepDebt(time, watched === undefined ? undefined : ratio, plan, memory, is);
    memory.evaluated = time;
  }
  rememberLast(input, memory, is);
  const checks = plan === undefined ? {} : evaluateChecks(input, watched, plan, memory, is);
  const drained = combine(checks);
  return {
    checks,
    ...(drained !== undefined && { drained }),
    ...(watched !== undefined && { watched }),
    ...(memory.watchedSince !== undefined && plan !== undefined && { watchedSince: memory.watchedSince }),
    ...(memory.debt !== undefined && { debt: memory.debt }),
    last: { ...memory.last },
    plan: plan ?? {},
  };
}

function rememberPlan(now: Partial<PlanNumbers>, memory: Memory, is: Conditions): void {
  if (now.blind === undefined) return;
  const plan = now as PlanNumbers;
  memory.plan = memory.plan && is.remembersPlans ? mergePlans(memory.plan, plan) : plan;
}

/** As of 5 minutes ago: expected once it was so for 2 minutes, and not in the minute before it goes. */
function settledExpectation({ values }: ExpectedInstances, time: number): number | undefined {
  let settled: number | undefined;
  let wasZero = false;
  const first = Math.ceil((time - 420) / EXPECTED_STEP);
  const last = Math.floor((time - 240) / EXPECTED_STEP);
  for (let step = Math.max(0, first); step <= last; step += 1) {
    const value = values[step];
    if (value === 0) wasZero = true;
    if (value !== null && value !== undefined && value > 0) settled = Math.min(settled ?? value, value);
  }
  return settled ?? (wasZero ? 0 : undefined);
}

function rememberLooks({ levelOne, levelOneAt }: LevelTwoInput, { looks }: Memory): void {
  for (const [service, { watched }] of levelOne.services)
    if (watched !== undefined) looks.set(service, { at: levelOneAt, watched });
}

function rememberTargets({ levelOne }: LevelTwoInput, { targetSeen }: Memory): void {
  for (const [service, { targetSeen: seen }] of levelOne.services)
    if (seen !== undefined) targetSeen.set(service, Math.max(seen, targetSeen.get(service) ?? 0));
}

function rememberServices(time: number, ratios: ReadonlyMap<string, number>, memory: Memory): void {
  memory.services = [
    ...memory.services.filter(({ at }) => at >= time - HOUR),
    { at: time, names: new Set(ratios.keys()) },
  ];
}

/** Whether a service was expected at the last evaluation before a time, as `offset` looks back. */
function wasThere({ services }: Memory, name: string, time: number): boolean {
  const last = services.findLast(({ at }) => at <= time);
  return last !== undefined && last.at > time - LOOKBACK && last.names.has(name);
}

function rememberMissing({ time, expected }: LevelTwoInput, memory: Memory): void {
  for (const one of expected) {
    const settled = settledExpectation(one, time);
    if (settled === undefined) continue;
    const look = lookAt(memory, one.service, time);
    rememberCount(memory.missing, one.service, { at: time, count: Math.max(0, settled - (look ?? 0)) });
    if (look === undefined || settled === 0) continue;
    rememberCount(memory.surplus, one.service, { at: time, count: Math.max(0, look - settled * ALLOWED_SURPLUS) });
  }
}

function rememberCount(counts: Map<string, readonly CountAt[]>, service: string, now: CountAt): void {
  const lastHour = (counts.get(service) ?? []).filter(({ at }) => at >= now.at - HOUR);
  counts.set(service, [...lastHour, now]);
}

/** Whether a service has such instances now, and had them for all but this share of the last hour. */
function isForLong(counted: Memory['missing'], share: number, time: number): boolean {
  return [...counted.values()].some((all) => {
    const counts = all.filter(({ at }) => at >= time - HOUR);
    const sorted = counts.map(({ count }) => count).sort((one, other) => one - other);
    const isNow = counts.at(-1)?.at === time && (counts.at(-1)?.count ?? 0) > 0;
    return isNow && (sorted[Math.ceil((sorted.length - 1) * share)] ?? 0) > 0;
  });
}

/** How long ago the service that waits longest saw a target token; `undefined` where none is expected and known. */
function sinceTarget({ time, expected }: LevelTwoInput, { targetSeen }: Memory): number | undefined {
  const seen = expected.flatMap((one) =>
    settledExpectation(one, time) === undefined ? [] : (targetSeen.get(one.service) ?? []),
  );
  return seen.length === 0 ? undefined : time - Math.min(...seen);
}

function lookAt({ looks }: Memory, service: string, time: number): number | undefined {
  const look = looks.get(service);
  return look && look.at >= time - LAST_LOOK ? look.watched : undefined;
}

/** The share of the instances that were watched, of each service that is expected to have some. */
function watchedRatios({ time, expected }: LevelTwoInput, memory: Memory, is: Conditions): Map<string, number> {
  const counts = expected.flatMap((one) => {
    const settled = settledExpectation(one, time);
    const watched = lookAt(memory, one.service, time) ?? 0;
    return settled === undefined || settled === 0 ? [] : { service: one.service, watched, settled };
  });
  const sum = (key: 'watched' | 'settled') => counts.reduce((total, one) => total + one[key], 0);
  const average = Math.min(1, sum('watched') / sum('settled'));
  return new Map(
    counts.map(({ service, watched, settled }) => [
      service,
      is.watchesEachService ? Math.min(1, watched / settled) : average,
    ]),
  );
}

/** 1: every witness has spoken. 0: one is silent, or all instances are gone. */
function haveSpoken(
  { time, levelOne, expected }: LevelTwoInput,
  ratios: ReadonlyMap<string, number>,
  memory: Memory,
  is: Conditions,
): 0 | 1 | undefined {
  if (is.knowsUnknown) {
    const settled = new Map(expected.map((one) => [one.service, settledExpectation(one, time)]));
    if ([...settled.values()].includes(0)) return undefined;
    for (const service of memory.looks.keys())
      if (settled.get(service) === undefined && lookAt(memory, service, time) !== undefined) return undefined;
  }
  const services = [...levelOne.services.values()];
  if (services.length === 0) return ratios.size > 0 ? 0 : undefined;
  return SPEAKING.every((what) => services.some(({ now }) => now[what] !== undefined)) ? 1 : 0;
}

/** A look reaches back 5 minutes: where instances are missing, the hole is that long already. */
function keepWatch(
  time: number,
  ratios: ReadonlyMap<string, number>,
  spoken: 0 | 1 | undefined,
  plan: PlanNumbers,
  memory: Memory,
  is: Conditions,
): void {
  const { fullLooks, evaluated } = memory;
  const coverage = plan.coverage * is.coverageShare;
  const newest = Math.max(Number.NEGATIVE_INFINITY, ...fullLooks.values());
  if (evaluated !== undefined && time - evaluated > is.pause) memory.resumed = time;
  const hasResumed = memory.resumed !== undefined && time - memory.resumed <= is.scrapesAgain;
  const isBroken = [...ratios].some(([service, ratio]) => {
    if (is.newServicesMayCome && !wasThere(memory, service, time - 300)) return false;
    const look = is.looksByService ? (fullLooks.get(service) ?? 0) : Math.min(...fullLooks.values());
    const reach = ratio < coverage && !hasResumed ? is.lookBehindHole : 0;
    return time - look + reach > plan.blind;
  });
  if (memory.watchedSince === undefined || time - newest > plan.blind || isBroken) memory.watchedSince = time;
  if (spoken !== 1) return;
  const isFull = is.looksByService || [...ratios.values()].every((ratio) => ratio >= coverage);
  for (const [service, ratio] of ratios) if (isFull && ratio >= coverage) fullLooks.set(service, time);
}

function keepDebt(time: number, ratio: number | undefined, plan: PlanNumbers, memory: Memory, is: Conditions): void {
  const { debt, evaluated, watchedSince, resumed } = memory;
  if (debt === undefined || evaluated === undefined || watchedSince === time) {
    memory.debt = 0;
    return;
  }
  const passed = time - evaluated;
  const isAfterStop = resumed !== undefined && time - resumed <= LOOK_BACK_AT_EXPECTED;
  const share = ratio ?? (is.unknownIsUnwatched && !isAfterStop ? 0 : 1);
  const unwatched = passed > is.pause ? 0 : (1 - share) * passed;
  memory.debt = Math.max(0, debt + unwatched - (1 - plan.coverage) * passed);
}

function rememberLast({ time, levelOne, counts }: LevelTwoInput, memory: Memory, is: Conditions): void {
  const last: Partial<Record<Witness, number>> = is.remembers ? memory.last : {};
  const raise = (what: Witness, value: number | undefined) => {
    if (value !== undefined && value >= (last[what] ?? 0)) last[what] = value;
  };
  for (const service of levelOne.services.values()) {
    for (const [what, value] of Object.entries(service.now) as [Witness, number][]) raise(what, value);
    for (const what of STAMPED) raise(what, asOfSlowClock(service, what, time));
  }
  for (const at of counts.legacyAccepted.values()) raise('legacy_counted', at);
  for (const at of counts.afterCloseRejected.values()) raise('after_close_counted', at);
  memory.last = last;
}

function asOfSlowClock({ now, clockSlow }: ServiceNow, what: StampedWitness, time: number): number | undefined {
  const value = now[what];
  return value !== undefined && value > 0 && clockSlow !== undefined ? Math.min(value + clockSlow, time) : undefined;
}

function evaluateChecks(
  input: LevelTwoInput,
  watched: number | undefined,
  plan: PlanNumbers,
  memory: Memory,
  is: Conditions,
): Partial<Record<DrainCheckName, 0 | 1>> {
  const { time, levelOne } = input;
  const checks: Partial<Record<DrainCheckName, 0 | 1>> = {};
  const services = [...levelOne.services.values()];
  /** How long ago the last bad moment of these was. */
  const since = (witnesses: readonly Witness[]): number | undefined => {
    const moments = witnesses.flatMap((what) => memory.last[what] ?? []);
    return moments.length === 0 ? undefined : time - Math.max(...moments);
  };
  const isOver = (witnesses: readonly Witness[], window: number): 0 | 1 | undefined => {
    const passed = since(witnesses);
    if (passed === undefined) return witnesses.length === 0 ? 1 : undefined;
    return passed >= window ? 1 : 0;
  };
  const set = (name: DrainCheckName, value: 0 | 1 | undefined | false) => {
    if (value === 0 || value === 1) checks[name] = value;
  };

  const percents = services.flatMap(({ percent }) => percent ?? []);
  set('issuance', percents.length > 0 && (Math.min(...percents) === 100 ? 1 : 0));
  const isMissing = !is.excusesMissing && isForLong(memory.missing, 0.5, time);
  const isSurplus = !is.excusesSurplus && isForLong(memory.surplus, 0.2, time);
  set('coverage', watched === 1 && !isMissing && !isSurplus && 1);
  const needed = Math.max(0, ...is.watchedFor.map((window) => plan[window]));
  const isLong = memory.watchedSince !== undefined && time - memory.watchedSince >= needed;
  set('watched', isLong && (memory.debt ?? 0) <= plan.blind * is.debtShare && 1);
  set('silence', isOver(is.silence, plan.drainWindow));
  set('expiry', isOver(['legacy_expiry'], plan.clockTolerance));
  set('sessions', isOver(is.sessions, plan.sessionHorizon));
  const blindShares = [...levelOne.services].flatMap(([service, { targetBlind }]) => {
    const count = lookAt(memory, service, time);
    return targetBlind === undefined || count === undefined ? [] : targetBlind / count;
  });
  const isSeen = !is.needsTarget || (sinceTarget(input, memory) ?? Number.POSITIVE_INFINITY) < plan.drainWindow;
  set('target_traffic', blindShares.length > 0 && Math.max(...blindShares) <= 1 - plan.coverage && isSeen && 1);
  set('answers', isOver(is.answers, plan.drainWindow));
  set(
    'disagreements',
    isOver(is.verified, plan.drainWindow) === 0 ? 0 : isOver(is.anyDisagreement, plan.drainWindow) === 1 && 1,
  );
  return checks;
}

/** A known failure is 0, whatever else is unknown. */
function combine(checks: Partial<Record<DrainCheckName, 0 | 1>>): 0 | 1 | undefined {
  const values = Object.values(checks);
  if (values.includes(0)) return 0;
  return values.length === 9 ? 1 : undefined;
}
