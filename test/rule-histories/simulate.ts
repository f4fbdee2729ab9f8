import {
  type Desired,
  desiredAt,
  type FleetFault,
  type Process,
  readyAt,
  runFleet,
  type Scraper,
  scrapeInstance,
} from './fleet.ts';
import { createRandom, type Random } from './random.ts';
import type { ExpectedInstances, PlanNumbers, Recorded, ScrapeTarget, Span } from './recorded.ts';
import { sampleScrapes } from './scrape-samples.ts';
import { type Lifetimes, runTraffic, type Traffic, type TrafficEvent } from './traffic.ts';

/** What is wrong with the expected number of instances. */
export type ExpectedFault = 'none' | 'absent' | 'zero' | 'doubled' | 'unexpected_service';

/** What truly happened in a history. Times are seconds. */
export interface Truth {
  /** After it, nothing happens but what a gate must bridge. */
  readonly chaosUntil: number;
  readonly processes: readonly Process[];
  readonly traffic: Traffic;
  /** The share of logins that ask for target, by time. */
  readonly issuance: readonly { readonly from: number; readonly percent: number }[];
  readonly plans: readonly PlanNumbers[];
  readonly lifetimes: readonly Lifetimes[];
  /** For the whole history. */
  readonly expectedFault: ExpectedFault;
  /** Whether it is drained at its end, with the fleet watched as required. */
  readonly drains: boolean;
  readonly idleUntil: number;
}

export interface History {
  readonly seed: number;
  readonly recorded: Recorded;
  readonly truth: Truth;
}

const MINUTE = 60;
const STEP = 30;
const TOLERANCE = 60;
const BLIND = 300;

/** promtool evaluates its rules always: there, a Prometheus that is down misses scrapes only. */
export type Evaluator = 'prometheus' | 'promtool';

/** Plays a history of a fleet, its clients and its Prometheus. */
export function simulate(seed: number, evaluator: Evaluator = 'prometheus'): History {
  const random = createRandom(seed);
  const kind = random.next();
  const isChaotic = kind < 0.2;
  const expectedFault: ExpectedFault =
    kind < 0.8 ? 'none' : random.pick(['absent', 'zero', 'doubled', 'unexpected_service'] as const);
  const neverDrains = kind >= 0.7 && kind < 0.8;
  const isSpoiledLate = kind >= 0.6 && kind < 0.7;

  const lifetimes = [drawLifetimes(random)];
  if (random.chance(0.25)) lifetimes.push(drawLifetimes(random));
  const coverage = random.pick([0.99, 0.99, 0.95]);
  const plans = lifetimes.map((one) => planOf(one, coverage));
  const longest = Math.max(...plans.flatMap(({ drainWindow, sessionHorizon }) => [drainWindow, sessionHorizon]));
  const chaosUntil = random.integer(35, 80) * MINUTE;
  const endsAt = chaosUntil + longest + 45 * MINUTE;
  const trouble: Span = { from: 0, to: isChaotic ? endsAt : chaosUntil };
  const planChangesAt = random.integer(10 * MINUTE, chaosUntil - 25 * MINUTE);
  const nowIn = <Item>(items: readonly Item[], at: number) => (at < planChangesAt ? items[0] : items.at(-1)) as Item;

  const issuance = drawIssuance(random, chaosUntil);
  const percentAt = (at: number) => issuance.findLast(({ from }) => from <= at)?.percent ?? 0;
  // What a process starts with before it is ill for as long as it lives; a roll heals the fleet.
  const healsAt = trouble.to - 20 * MINUTE;
  const illness = random.pick([
    'none',
    'none',
    'none',
    'clocks',
    'clocks',
    'clocks',
    'unscraped',
    'unscraped',
    'old',
    'idle',
  ] as const);

  // kube-state-metrics counts what is ready, or what is wanted; where a start takes long, only the first is right.
  const isReadyExpected = random.chance(0.6);
  const slowestStart = isReadyExpected ? 120 : 30;
  const names = ['orders', 'billing', 'search'].slice(0, random.integer(1, 3));
  const fleets = names.map((service) => {
    const desired = drawDesired(random, trouble, endsAt);
    const faults = drawFaults(random, trouble, endsAt, isChaotic);
    if (illness !== 'none' && !isChaotic) faults.push({ at: healsAt, kind: 'roll' });
    const traits = (startedAt: number) => {
      const isIll = startedAt < healsAt && random.chance(0.4);
      return {
        isUnscraped: isIll && illness === 'unscraped',
        skews: isIll && illness === 'clocks' ? drawSkews(random, startedAt) : [],
        tellsDisagreements: !(isIll && illness === 'old'),
        isIdle: isIll && illness === 'idle',
        targetAfter: random.integer(5, 900),
        plan: nowIn(plans, startedAt),
      };
    };
    return {
      service,
      desired,
      processes: runFleet({ service, endsAt, desired, faults, slowestStart, traits }, random),
    };
  });
  const processes = fleets.flatMap((fleet) => fleet.processes);

  const stops = drawStops(random, trouble, endsAt, isChaotic);
  const scraper: Scraper = {
    endsAt,
    chaosUntil: trouble.to,
    missProbability: random.pick([0, 0.01, 0.02]),
    stops,
    outages: drawOutages(random, trouble, processes),
  };
  const traffic = runTraffic(
    {
      endsAt,
      chaosUntil: trouble.to,
      processes,
      services: names,
      lifetimesAt: (at) => nowIn(lifetimes, at),
      percentAt,
      lows: lowsOf(issuance),
      neverDrains,
      isSpoiledLate,
    },
    random,
  );
  const idleUntil = trouble.to;
  const targets = scrapeAll(processes, scraper, random.chance(0.2) ? ['sidecars', 'pods'] : ['sidecars'], random, {
    traffic,
    idleUntil,
    percentAt,
  });
  const expected = fleets.flatMap(({ service, desired, processes: own }, index) =>
    expectedFault === 'unexpected_service' && index === 0
      ? []
      : [{ service, values: drawExpected(random, countAt(own, desired), { trouble, endsAt, fault: expectedFault }) }],
  );
  function countAt(own: readonly Process[], desired: readonly Desired[]) {
    return (at: number) => (isReadyExpected ? readyAt(own, at) : desiredAt(desired, at));
  }
  const isKnown = expectedFault === 'none';
  return {
    seed,
    recorded: { endsAt, targets, expected, stops: evaluator === 'promtool' ? [] : stops },
    truth: {
      chaosUntil,
      processes,
      traffic,
      issuance,
      plans,
      lifetimes,
      expectedFault,
      idleUntil,
      drains: isKnown && !isChaotic && !neverDrains && !isSpoiledLate && percentAt(endsAt) === 100,
    },
  };
}

function drawLifetimes(random: Random): Lifetimes {
  return {
    token: random.pick([300, 600]),
    session: random.pick([1200, 2400]),
    silence: random.pick([1200, 2400]),
  };
}

function planOf({ token, session, silence }: Lifetimes, coverage: number): PlanNumbers {
  return {
    drainWindow: silence + token + TOLERANCE,
    sessionHorizon: session + token + TOLERANCE,
    clockTolerance: TOLERANCE,
    blind: BLIND,
    coverage,
  };
}

/** Issuance reaches 100 %, perhaps goes back in between, or never gets there. */
function drawIssuance(random: Random, chaosUntil: number): { from: number; percent: number }[] {
  const full = random.integer(-20 * MINUTE, chaosUntil);
  const moves = [
    { from: Number.NEGATIVE_INFINITY, percent: random.pick([0, 25, 50]) },
    { from: full, percent: random.chance(0.05) ? 99 : 100 },
  ];
  if (random.chance(0.4)) {
    const back = random.integer(Math.max(0, full), chaosUntil);
    const percent = random.pick([0, 0, 50, 99]);
    moves.push({ from: back, percent }, { from: back + random.integer(20, random.pick([90, 900])), percent: 100 });
  }
  return moves;
}

function lowsOf(issuance: readonly { readonly from: number; readonly percent: number }[]): Span[] {
  return issuance.slice(2).flatMap(({ from, percent }, index) => {
    const to = issuance[index + 3]?.from;
    return percent < 100 && to !== undefined ? { from, to } : [];
  });
}

/** Steady, or breathing each ten minutes; while there is trouble, perhaps any number of instances, 0 included. */
function drawDesired(random: Random, trouble: Span, endsAt: number): Desired[] {
  const base = random.integer(1, 4);
  const breath = random.chance(0.4) ? random.integer(1, 2) : 0;
  const isWild = random.chance(0.2);
  const desired: Desired[] = [{ from: 0, count: base }];
  for (let from = 10 * MINUTE, index = 0; from < endsAt; from += 10 * MINUTE, index += 1) {
    if (isWild && from < trouble.to - 10 * MINUTE) desired.push({ from, count: random.integer(0, 6) });
    else desired.push({ from, count: base + (index % 2 === 0 ? breath : 0) });
  }
  return desired;
}

function drawFaults(random: Random, trouble: Span, endsAt: number, isChaotic: boolean) {
  const faults: { at: number; kind: FleetFault }[] = [];
  const kinds = ['crash', 'eviction', 'roll', 'killed_roll'] as const;
  for (let count = random.integer(0, 4); count > 0; count -= 1)
    faults.push({ at: random.integer(60, trouble.to), kind: random.pick(kinds) });
  if (isChaotic) return faults;
  // A loss or two, far enough apart, and rolls that end cleanly.
  const kind = random.pick(['crash', 'eviction', 'roll', 'roll', undefined] as const);
  if (kind) faults.push({ at: random.integer(trouble.to + 15 * MINUTE, trouble.to + 18 * MINUTE), kind });
  if (random.chance(0.5)) faults.push({ at: random.integer(trouble.to + 45 * MINUTE, endsAt), kind: 'roll' });
  return faults;
}

/** A clock that runs ahead or behind, and may be set right, or jump, later. */
function drawSkews(random: Random, startedAt: number) {
  const skew = () => random.pick([-1, 1, -1]) * random.pick([20, 60, 85, 240, 900, 5400]);
  const skews = [{ from: 0, seconds: skew() }];
  if (random.chance(0.5))
    skews.push({ from: startedAt + random.integer(20, random.pick([90, 1800])), seconds: random.pick([0, 0, skew()]) });
  return skews;
}

/** A restart of Prometheus; while there is trouble, a longer stop. */
function drawStops(random: Random, trouble: Span, endsAt: number, isChaotic: boolean): Span[] {
  const stops: Span[] = [];
  if (random.chance(0.3)) {
    const from = random.integer(0, trouble.to - 15 * MINUTE);
    stops.push({ from, to: from + random.integer(60, 900) });
  }
  if (!isChaotic && random.chance(0.3)) {
    const from = random.integer(trouble.to + 30 * MINUTE, Math.min(trouble.to + 40 * MINUTE, endsAt));
    stops.push({ from, to: from + random.integer(30, 150) });
  }
  return stops;
}

/** Scrapes that fail for minutes: of one instance or of all. */
function drawOutages(random: Random, trouble: Span, processes: readonly Process[]) {
  const outages: (Span & { instance?: string })[] = [];
  for (let count = random.integer(-1, 3); count > 0; count -= 1) {
    const from = random.integer(0, trouble.to - 5 * MINUTE);
    const to = Math.min(from + random.integer(2, 20) * MINUTE, trouble.to);
    const { instance } = processes[random.integer(0, processes.length - 1)] as Process;
    outages.push({ from, to, ...(random.chance(0.7) && { instance }) });
  }
  return outages;
}

interface ExpectedScript {
  readonly trouble: Span;
  readonly endsAt: number;
  readonly fault: ExpectedFault;
}

/** As the user's rules record it each 30 s: some seconds late; while there is trouble, perhaps absent, 0 or doubled. */
function drawExpected(random: Random, countAt: (at: number) => number, { trouble, endsAt, fault }: ExpectedScript) {
  const late = random.integer(0, 60);
  const from = random.integer(0, trouble.to - 5 * MINUTE);
  const to = random.chance(0.2) ? from + random.integer(1, 20) * MINUTE : from;
  const passing = random.pick(['absent', 'zero', 'doubled'] as const);
  const values: (number | null)[] = [];
  for (let at = 0; at <= endsAt; at += STEP) {
    const isPassing = from <= at && at < Math.min(to, trouble.to);
    const wrong = fault !== 'none' && fault !== 'unexpected_service' ? fault : isPassing ? passing : 'none';
    const count = countAt(Math.max(0, at - late));
    values.push({ none: count, absent: null, zero: 0, doubled: 2 * count }[wrong]);
  }
  return values satisfies ExpectedInstances['values'];
}

function scrapeAll(
  processes: readonly Process[],
  scraper: Scraper,
  jobs: readonly string[],
  random: Random,
  { traffic, idleUntil, percentAt }: { traffic: Traffic; idleUntil: number; percentAt: (at: number) => number },
): ScrapeTarget[] {
  const eventsOf = new Map<Process, TrafficEvent[]>();
  for (const event of traffic.events) eventsOf.set(event.process, [...(eventsOf.get(event.process) ?? []), event]);
  return [...groupByInstance(processes)].flatMap(([instance, own]) =>
    jobs.map((job) => {
      const flagsLate = random.integer(5, 40);
      const attempts = scrapeInstance(own, scraper, random);
      const samples = sampleScrapes(attempts, (process) => eventsOf.get(process) ?? [], {
        idleUntil,
        percentAt: (_process, at) => percentAt(at - flagsLate),
      });
      return { service: own[0]?.service ?? '', job, instance, samples };
    }),
  );
}

function groupByInstance(processes: readonly Process[]): Map<string, Process[]> {
  const groups = new Map<string, Process[]>();
  for (const process of processes) groups.set(process.instance, [...(groups.get(process.instance) ?? []), process]);
  return groups;
}
