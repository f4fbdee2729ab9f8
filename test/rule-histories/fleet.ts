import type { Random } from './random.ts';
import { isWithin, type PlanNumbers, type Span } from './recorded.ts';

/** One run of a program, as it truly was. Times are seconds. */
export interface Process {
  readonly service: string;
  readonly instance: string;
  readonly name: string;
  readonly startedAt: number;
  /** From then on it serves no request. */
  servesUntil: number;
  /** From then on it cannot be scraped. */
  goneAt: number;
  /** Whether it ended by itself and waited for one more scrape. */
  isClean: boolean;
  /** No scrape ever reaches it. */
  readonly isUnscraped: boolean;
  /** By how much its clock is ahead, by time. */
  readonly skews: readonly { readonly from: number; readonly seconds: number }[];
  readonly plan: PlanNumbers;
  readonly tellsDisagreements: boolean;
  /** Sees no target token. */
  readonly isIdle: boolean;
  /** How long it waits for its first target token. */
  readonly targetAfter: number;
}

/** How many instances a service wants, by time. */
export interface Desired {
  readonly from: number;
  readonly count: number;
}

export type FleetFault = 'crash' | 'eviction' | 'roll' | 'killed_roll';

export interface FleetScript {
  readonly service: string;
  readonly endsAt: number;
  readonly desired: readonly Desired[];
  readonly faults: readonly { readonly at: number; readonly kind: FleetFault }[];
  /** How long a replacement takes to start, at most. */
  readonly slowestStart: number;
  /** What a process that starts then is like. */
  traits(
    startedAt: number,
  ): Pick<Process, 'isUnscraped' | 'skews' | 'plan' | 'tellsDisagreements' | 'isIdle' | 'targetAfter'>;
}

const SLOT = 10;

/** How many processes of a service are ready, as Kubernetes tells. */
export function readyAt(processes: readonly Process[], at: number): number {
  return processes.filter(({ startedAt, servesUntil }) => startedAt + SLOT <= at && at < servesUntil).length;
}

export function desiredAt(desired: readonly Desired[], at: number): number {
  return desired.findLast(({ from }) => from <= at)?.count ?? 0;
}

/** Lets a controller start and end the processes of a service. */
export function runFleet(
  { service, endsAt, desired, faults, slowestStart, traits }: FleetScript,
  random: Random,
): Process[] {
  const processes: Process[] = [];
  const rolls: { at: number; victim: Process; isKilled: boolean }[] = [];
  let instances = 0;

  const nextInstance = () => {
    instances += 1;
    return `${service}-${instances}`;
  };
  const start = (at: number, instance = nextInstance()) => {
    const process: Process = {
      service,
      instance,
      name: `${instance}.${processes.length}`,
      startedAt: at,
      servesUntil: Number.POSITIVE_INFINITY,
      goneAt: Number.POSITIVE_INFINITY,
      isClean: false,
      ...traits(at),
    };
    processes.push(process);
  };
  const startSoon = (at: number, instance?: string) =>
    start(at + SLOT * random.integer(1, slowestStart / SLOT), instance);
  const isUp = (process: Process) => process.servesUntil === Number.POSITIVE_INFINITY;
  const kill = (process: Process, at: number) => Object.assign(process, { servesUntil: at, goneAt: at });
  // It may wait for two intervals of scraping, and is gone after the first scrape in them.
  const end = (process: Process, at: number) =>
    Object.assign(process, { servesUntil: at, goneAt: at + 120, isClean: true });

  for (let at = 0; at < endsAt; at += SLOT) {
    const up = processes.filter(isUp);
    const ready = up.filter(({ startedAt }) => startedAt < at);
    for (const fault of faults.filter((one) => one.at <= at && at < one.at + SLOT)) {
      const victim = ready[random.integer(0, ready.length - 1)];
      if (victim === undefined) continue;
      if (fault.kind === 'crash' || fault.kind === 'eviction') {
        kill(victim, at);
        startSoon(at, fault.kind === 'crash' ? victim.instance : undefined);
      } else {
        const isKilled = fault.kind === 'killed_roll';
        for (const [index, one] of ready.entries()) rolls.push({ at: at + 60 * index, victim: one, isKilled });
      }
    }
    for (const { victim, isKilled } of rolls.filter((roll) => roll.at <= at && at < roll.at + SLOT)) {
      if (!isUp(victim)) continue;
      start(at + SLOT);
      if (isKilled) kill(victim, at + 40);
      else end(victim, at + 40);
    }
    const alive = processes.filter((process) => isUp(process));
    const wanted = desiredAt(desired, at);
    for (let missing = alive.length; missing < wanted; missing += 1) startSoon(at);
    // The youngest first, as Kubernetes does.
    for (const surplus of alive.slice(wanted)) end(surplus, Math.max(at, surplus.startedAt + SLOT));
  }
  return processes;
}

/** What Prometheus does to a fleet. */
export interface Scraper {
  readonly endsAt: number;
  readonly missProbability: number;
  /** After it, no scrape is missed just before a crash: that hole would be longer than any that is bridged. */
  readonly chaosUntil: number;
  /** When it is down. */
  readonly stops: readonly Span[];
  /** When it reaches no instance, or one. */
  readonly outages: readonly (Span & { readonly instance?: string })[];
}

export interface ScrapeAttempt {
  readonly at: number;
  /** `undefined`: the scrape failed. */
  readonly process: Process | undefined;
}

/** All scrapes of an instance, once a minute. Sets when processes that end cleanly are gone. */
export function scrapeInstance(
  processes: readonly Process[],
  { endsAt, missProbability, chaosUntil, stops, outages }: Scraper,
  random: Random,
): ScrapeAttempt[] {
  const [first] = processes;
  if (first === undefined) return [];
  const offset = SLOT * random.pick([1, 2, 4, 5]);
  const attempts: ScrapeAttempt[] = [];
  const discovered = first.startedAt + random.integer(0, 60);
  const last = Math.max(...processes.map(({ goneAt }) => goneAt));
  const lastAt = Math.min(endsAt, last + 60);
  for (let at = Math.ceil((discovered - offset) / 60) * 60 + offset; at <= lastAt; at += 60) {
    if (at < 0 || isWithin(stops, at)) continue;
    const isDown = outages.some(
      ({ from, to, instance }) => from <= at && at < to && (instance ?? first.instance) === first.instance,
    );
    const running = processes.find(({ startedAt, goneAt }) => startedAt < at && at < goneAt);
    const isMissed =
      random.chance(missProbability) && !(at > chaosUntil && running?.isClean === false && running.goneAt < at + 130);
    const fails = isDown || isMissed || running === undefined || running.isUnscraped;
    attempts.push({ at, process: fails ? undefined : running });
    if (!fails && running.isClean && at >= running.servesUntil) running.goneAt = at + 1;
  }
  return attempts;
}
