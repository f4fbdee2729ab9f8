import { compareFlags, formatInstant, type HeldFlags } from '@crossfade/core';
import type { ApiFault, FleetShown, InstanceShown, MixShown } from '../page/fleet-state.ts';
import { isRecent } from '../page/state-labels.ts';
import { describeShown, faultShown } from './api-shown.ts';
import { type InstanceReading, newest } from './instance-reading.ts';
import type { FleetInstances } from './sidecar-list.ts';

/** How many instances the page names. */
const LISTED = 20;

/** What was read, and where. */
export interface FleetRead extends FleetInstances {
  readonly source: FleetShown['source'];
  readonly problem: string | null;
}

/** @param thisProcess the id of the run of this sidecar. */
export function showFleet(read: FleetRead, thisProcess: string | undefined, nowMs: number): FleetShown {
  const { source, problem, expected, whole } = read;
  const telling = read.instances.filter((reading) => reading.problem === null);
  const usual = whole === undefined ? mostHeld(telling, thisProcess) : whole.usual;
  const instances = read.instances.map(({ process, shown, ...reading }): InstanceShown => {
    const isThis = process !== null && process === thisProcess;
    const comparison =
      usual === undefined || reading.problem !== null ? 'unknown' : compareFlags(heldBy(reading), usual);
    const fault = reading.problem === null ? faultShown({ shown, phase: reading.phase }) : null;
    return { ...reading, isThis, comparison, api: describeShown(shown), fault };
  });
  const having = (fault: ApiFault) => instances.filter((instance) => instance.fault === fault).length;
  const shown = { source, at: formatInstant(nowMs), problem, expected, instances: listed(instances, nowMs) };
  if (whole !== undefined) {
    const { usual: _, ...counts } = whole;
    return { ...shown, ...counts };
  }
  return {
    ...shown,
    responding: telling.length,
    known: instances.length,
    apart: instances.filter(isApart).length,
    otherStore: instances.filter(({ comparison }) => comparison === 'other_store').length,
    faults: {
      refuses_valid_tokens: having('refuses_valid_tokens'),
      takes_closed_legacy: having('takes_closed_legacy'),
    },
    sums: {
      mix: telling.map(({ mix }) => mix ?? NOTHING).reduce(addMix, NOTHING),
      validUnauthorized: sum(telling.map(({ validUnauthorized }) => validUnauthorized)),
      lastUnauthorizedAt: latest(telling.map(({ lastUnauthorizedAt }) => lastUnauthorizedAt)),
      disagreements: sum(telling.map(({ disagreements }) => disagreements)),
      lastDisagreementAt: latest(telling.map(({ lastDisagreementAt }) => lastDisagreementAt)),
    },
  };
}

function heldBy({ flags, percent }: Pick<InstanceReading, 'flags' | 'percent'>): HeldFlags {
  return { source: flags?.source ?? null, hash: flags?.hash ?? null, percent };
}

/** Returns the flags that most hold; of two held by equally many, those of this sidecar. */
function mostHeld(telling: readonly InstanceReading[], thisProcess: string | undefined): HeldFlags | undefined {
  const [own, others] = [
    telling.filter(({ process }) => process !== null && process === thisProcess),
    telling.filter(({ process }) => process === null || process !== thisProcess),
  ];
  const groups = new Map<string, { readonly held: HeldFlags; count: number }>();
  for (const held of [...own, ...others].map(heldBy)) {
    const key = JSON.stringify([held.source, held.hash ?? held.percent]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { held, count: 1 });
    else group.count += 1;
  }
  return [...groups.values()].toSorted((one, other) => other.count - one.count)[0]?.held;
}

function isApart({ comparison }: InstanceShown): boolean {
  return comparison === 'other_document' || comparison === 'other_store';
}

/** Where there are too many, those that need attention most come into the list first; it keeps the order of the fleet. */
function listed(instances: readonly InstanceShown[], nowMs: number): readonly InstanceShown[] {
  if (instances.length <= LISTED) return instances;
  const mostUrgent = instances.toSorted((one, other) => urgencyOf(other, nowMs) - urgencyOf(one, nowMs));
  const chosen = new Set(mostUrgent.slice(0, LISTED));
  return instances.filter((instance) => chosen.has(instance));
}

function urgencyOf(instance: InstanceShown, nowMs: number): number {
  const { isThis, fault, lastUnauthorizedAt, problem, lastDisagreementAt } = instance;
  const reasons = [
    isThis,
    fault !== null,
    problem === null && isRecent(lastUnauthorizedAt, nowMs),
    isApart(instance),
    problem !== null,
    isRecent(lastDisagreementAt, nowMs),
  ];
  const first = reasons.indexOf(true);
  return first === -1 ? 0 : reasons.length - first;
}

const NOTHING: MixShown = { legacy: 0, target: 0, bridge: 0 };

function addMix(one: MixShown, other: MixShown): MixShown {
  return { legacy: one.legacy + other.legacy, target: one.target + other.target, bridge: one.bridge + other.bridge };
}

function sum(counts: readonly (number | null)[]): number {
  return counts.reduce<number>((total, count) => total + (count ?? 0), 0);
}

function latest(times: readonly (string | null)[]): string | null {
  return formatInstant(newest(times.map((time) => (time === null ? null : Date.parse(time)))));
}
