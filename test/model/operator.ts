import {
  type DrainVerdict,
  type FleetEvidence,
  type LegacyHold,
  legacyHold,
  type MeterEvidence,
  type Move,
  type Situation,
  type Verb,
} from '@crossfade/core';
import { createFlagStore, type FlagStore } from './flag-store.ts';
import type { Rules } from './rules.ts';
import { type Bounds, boundsOf, FLAGS_TAKE, type Instance, type Store } from './state.ts';
import { NOW_MS, planOf, TICK_MS, type World } from './world.ts';

/** The moves an operator tries in every state. */
const MOVES: readonly Move[] = [
  { verb: 'advance', percent: 50 },
  { verb: 'advance', percent: 100 },
  { verb: 'rollback' },
  { verb: 'close' },
  { verb: 'reopen' },
];

/** A move that was allowed and changed something. */
export interface OperatorStep {
  readonly move: Move;
  readonly store: Store;
  /** The indexes of the instances that a rollback went on without. */
  readonly excused: readonly number[];
}

export interface Operator {
  /** Decides every move, for tools that reach all instances or only some. */
  decide(store: Store, instances: readonly Instance[]): OperatorOptions;
}

export interface OperatorOptions {
  readonly steps: readonly OperatorStep[];
  /** The verbs that are refused although the tools reach every running instance. */
  readonly refused: readonly Verb[];
}

/** The instances that the operator's tools reach, and the number they expect. */
interface View {
  readonly reached: readonly Instance[];
  readonly expected: number | null;
  /** One instance was read several times: a rollback is not held up by that. */
  readonly repeated?: true;
}

export function createOperator(world: World, rules: Rules): Operator {
  const plan = planOf(world);
  const bounds = boundsOf(world);
  const flags: FlagStore = createFlagStore(world);
  const now = world.gateAhead ? NOW_MS + plan.clockToleranceMs : NOW_MS;

  function situation(store: Store, instances: readonly Instance[], { reached, expected }: View): Situation {
    const document = flags.read(store);
    let drain: DrainVerdict | undefined;
    return {
      position: document,
      nowMs: NOW_MS,
      fleet: rules.fleet({
        ...fleetOf(world, reached, expected),
        legacyHolds: holdsOf(instances, reached, document.acceptance === 'both' ? document.acceptanceSinceMs : null),
      }),
      // Lazy: most moves never read it.
      get drain() {
        const meters = reached.map((instance, index) => meterOf(instance, index, bounds));
        drain ??= rules.verdict({ issuance: document.issuance, expectedMeters: expected, meters }, plan, now);
        return drain;
      },
    };
  }

  return {
    decide(store, instances) {
      const views = viewsOf(world, instances).map((view) => ({ view, seen: situation(store, instances, view) }));
      const steps: OperatorStep[] = [];
      const refused: Verb[] = [];
      for (const move of MOVES) {
        if (world.unrecorded && move.verb === 'rollback') continue;
        const shown = views.filter(({ view }) => move.verb !== 'rollback' || !view.repeated);
        const decisions = shown.map(({ seen }) => rules.decide(move, seen));
        if (decisions[0]?.allowed === false) refused.push(move.verb);
        const excuses = new Set<string>();
        decisions.forEach((decision, index) => {
          if (!decision.allowed) return;
          const reached = shown[index]?.view.reached ?? [];
          const excused = move.verb === 'rollback' ? silentAndClosed(store, instances, reached) : [];
          const next = flags.write(store, decision.position);
          if (next === undefined || excuses.has(excused.join())) return;
          excuses.add(excused.join());
          steps.push({ move, store: next, excused });
        });
      }
      return { steps, refused };
    },
  };
}

function viewsOf({ partialSight }: World, instances: readonly Instance[]): View[] {
  const all = running(instances);
  const expected = instances.length;
  if (!partialSight) return [{ reached: all, expected }];
  const butOne = all.map((_, missing) => ({ reached: all.filter((_, index) => index !== missing), expected }));
  const oneOften = all.map((instance) => ({
    reached: new Array<Instance>(expected + 1).fill(instance),
    expected,
    repeated: true as const,
  }));
  return [{ reached: all, expected }, ...butOne, ...oneOften, { reached: all, expected: null }];
}

function running(instances: readonly Instance[]): Instance[] {
  return instances.filter(({ up }) => up === 1);
}

function fleetOf(
  world: World,
  reached: readonly Instance[],
  expected: number | null,
): Omit<FleetEvidence, 'legacyHolds'> {
  const isKnown = ({ dual, shown }: Instance) => (world.probes ? shown === 1 : dual === 1);
  return { expected, responding: reached.length, acceptingTarget: reached.filter(isKnown).length };
}

/** Whether its meter showed that it refuses legacy, now or last: an instance that is down acts on its disk when it starts. */
function showsClosed({ up, dual, closed, diskClosed }: Instance): boolean {
  return dual === 1 && (up === 1 ? closed : diskClosed) === 1;
}

function holdsOf(
  instances: readonly Instance[],
  reached: readonly Instance[],
  reopenedMs: number | null,
): readonly LegacyHold[] {
  if (reopenedMs === null) return [];
  const reopening = { reopenedMs, flagsTakeMs: FLAGS_TAKE * TICK_MS, silenceMs: TICK_MS, nowMs: NOW_MS };
  return instances.flatMap((instance, index) => {
    const sighting = {
      meter: `meter ${index + 1}`,
      responses: { acceptedMs: null, unauthorizedMs: null },
      commanded: !showsClosed(instance),
      isLive: reached.includes(instance),
    };
    return legacyHold(sighting, reopening) ?? [];
  });
}

/** Those that a rollback goes on without, although they were seen closed: the one exception to the promise. */
function silentAndClosed(
  { reopened }: Store,
  instances: readonly Instance[],
  reached: readonly Instance[],
): readonly number[] {
  if (reopened <= FLAGS_TAKE) return [];
  return instances.flatMap((instance, index) => (!reached.includes(instance) && showsClosed(instance) ? [index] : []));
}

function meterOf(instance: Instance, index: number, { window, horizon, token }: Bounds): MeterEvidence {
  const at = (age: number, bound: number): number | null => (age >= bound ? null : NOW_MS - age * TICK_MS);
  const latestIssuedMs = at(instance.legacyIssued, horizon);
  return {
    meter: `meter ${index + 1}`,
    watchedSinceMs: NOW_MS - instance.watched * TICK_MS,
    legacy: {
      lastSeenMs: at(instance.legacySeen, window),
      latestIssuedMs,
      latestExpiryMs: latestIssuedMs === null ? null : latestIssuedMs + token * TICK_MS,
    },
    target: { lastSeenMs: at(instance.targetSeen, window) },
    lastValidUnauthorizedMs: at(instance.unauthorized, window),
    disagreements: {
      lastVerifiedMs: at(instance.verified, window),
      lastUnverifiedMs: at(instance.unverified, window),
      reasons: {},
    },
  };
}
