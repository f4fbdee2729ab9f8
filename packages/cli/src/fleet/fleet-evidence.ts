import {
  type AcceptedSide,
  acceptedSide,
  type EvidenceWindow,
  type FlagDocument,
  type FleetEvidence,
  type LegacyHold,
  type LegacySighting,
  lastMoveMs,
  legacyHold,
  type MigrationPlan,
  recordedTrouble,
  SIDES,
  type Side,
} from '@crossfade/core';
import { disagreementsIn } from './drain-evidence.ts';
import type { FleetSnapshot, MeterReading, SideSighting } from './fleet.ts';
import { describeRest, namesAndRest, respondingCount, sumCounts } from './fleet-size.ts';

/** The facts that the evidence of guards is read against. */
export interface EvidenceFrame {
  readonly document: FlagDocument;
  readonly plan: Pick<MigrationPlan, 'flags' | 'gate'>;
  readonly nowMs: number;
}

/** Tells what an API instance accepts, by the one rule: its responses since the last move, and at most `gate.silence` old. */
export function acceptedBy(
  { sides }: Pick<MeterReading, 'sides'>,
  side: Side,
  { document, plan, nowMs }: EvidenceFrame,
): AcceptedSide {
  return acceptedOf(sides[side], { document, plan, nowMs });
}

export function acceptedOf(sighting: SideSighting, { document, plan, nowMs }: EvidenceFrame): AcceptedSide {
  const window = { movedMs: lastMoveMs(document), silenceMs: plan.gate.silenceMs, nowMs };
  return acceptedSide(sighting, sighting.commanded, window);
}

/** What one instance, or each of a group, shows of a side. */
interface Shown extends SideSighting {
  /** How many show it. */
  readonly count: number;
}

/** Returns what every instance shows of a side: each by itself, or in groups where the fleet is large. */
function sightingsOf({ readings, groups }: FleetSnapshot, side: Side): readonly Shown[] {
  return groups?.sides[side] ?? readings.map(({ sides }) => ({ count: 1, ...sides[side] }));
}

/** Counts the instances that show of a side what is `wanted`. */
export function countShowing(
  snapshot: FleetSnapshot,
  side: Side,
  isWanted: (sighting: SideSighting) => boolean,
): number {
  return sumCounts(sightingsOf(snapshot, side).filter(isWanted));
}

/** Returns the evidence for the guards of moves. */
export function fleetEvidenceOf(snapshot: FleetSnapshot, frame: EvidenceFrame): FleetEvidence {
  const { expected, readings, groups, drain } = snapshot;
  const trouble = drain.kind === 'recorded' ? recordedTrouble(drain.recorded, frame.plan, frame.nowMs) : undefined;
  const shows = (wanted: AcceptedSide) => (target: SideSighting) => acceptedOf(target, frame) === wanted;
  const accepting = (isWanted: (target: SideSighting) => boolean) => {
    // One that is silent about legacy proves nothing.
    return Math.max(0, countShowing(snapshot, 'target', isWanted) - (groups?.silentOfLegacy ?? 0));
  };
  const refused = readings.filter((reading) => sinceLastMove(refusals(reading), frame) !== null);
  const isRefused = ({ unauthorizedMs }: SideSighting) => sinceLastMove([unauthorizedMs], frame) !== null;
  const withoutKeys = readings.flatMap(({ evidence: { meter }, missingTargetKeys: reason }) =>
    reason === null ? [] : [{ meter, reason }],
  );
  return {
    expected,
    responding: respondingCount(snapshot),
    acceptingTarget: accepting(shows('accepted')),
    preparedForTarget: accepting((target) => isPrepared(target, frame)),
    refusingTarget: namesAndRest(
      readings.filter(({ sides }) => shows('refused')(sides.target)).map(({ evidence }) => evidence.meter),
      countShowing(snapshot, 'target', shows('refused')),
    ),
    legacyHolds: legacyHoldsOf(snapshot, frame),
    refusedValidMs: sinceLastMove([...readings.flatMap(refusals), ...refusalsOfGroups(snapshot)], frame),
    refusedBy: namesAndRest(
      refused.map(({ evidence }) => evidence.meter),
      // An instance may refuse both sides: at least as many as refuse one.
      Math.max(...SIDES.map((side) => countShowing(snapshot, side, isRefused)), refused.length),
    ),
    disagreedMs: sinceLastMove([disagreementsIn(drain).lastVerifiedMs], frame),
    ...(trouble !== undefined && { rulesTrouble: trouble }),
    targetKeysMissing:
      groups === undefined || groups.missingTargetKeys <= withoutKeys.length
        ? withoutKeys
        : [
            ...withoutKeys,
            {
              meter: describeRest(groups.missingTargetKeys - withoutKeys.length, withoutKeys.length),
              reason: 'their /readyz says why',
            },
          ],
  };
}

/** Those that refuse are named, newest first, with their own times: a group's time stands in where none is. */
function refusalsOfGroups({ readings, groups }: FleetSnapshot): readonly (number | null)[] {
  if (groups === undefined || readings.flatMap(refusals).some((ms) => ms !== null)) return [];
  return SIDES.flatMap((side) => groups.sides[side].map(({ unauthorizedMs }) => unauthorizedMs));
}

/** How many poll intervals the flags may take to reach an instance: some polls may fail. */
const POLLS_TO_REACH = 6;

/** Returns how long flags may take to reach an instance that does not show them, in ms. */
export function flagsTakeMs(plan: Pick<MigrationPlan, 'flags'>): number {
  return POLLS_TO_REACH * pollIntervalMs(plan);
}

/** A flag file is read four times a second; replacing a mounted one takes a while. */
const FILE_INTERVAL_MS = 1000;

/** Returns how long the store's readers take to see a change, if no poll fails, in ms. */
export function pollIntervalMs({ flags }: Pick<MigrationPlan, 'flags'>): number {
  return flags.source === 'file' ? FILE_INTERVAL_MS : flags.pollIntervalMs;
}

/** Stands for all instances where none is known by name. */
export const WHOLE_FLEET = 'the fleet';

/** Without a reopening nothing holds: while acceptance stays open, a rollback is always safe. */
function legacyHoldsOf(snapshot: FleetSnapshot, { document, plan, nowMs }: EvidenceFrame): LegacyHold[] {
  const { readings, silent } = snapshot;
  const { acceptance, acceptanceSinceMs: reopenedMs } = document;
  if (acceptance !== 'both' || reopenedMs === null) return [];
  const reopening = { reopenedMs, flagsTakeMs: flagsTakeMs(plan), silenceMs: plan.gate.silenceMs, nowMs };
  const sighting = (
    meter: string,
    { commanded, ...responses }: SideSighting,
    seen: Pick<LegacySighting, 'isLive' | 'seenMs'>,
  ) => legacyHold({ meter, responses, commanded, ...seen }, reopening);
  const live = readings.map(({ evidence, sides }) => sighting(evidence.meter, sides.legacy, { isLive: true }));
  const holds = [
    ...withGroups(
      live.filter((hold) => hold !== undefined),
      snapshot.groups?.sides.legacy.flatMap(({ count, ...legacy }) => {
        const hold = sighting('', legacy, { isLive: true });
        return hold === undefined ? [] : [{ ...hold, count }];
      }) ?? [],
    ),
    ...silent
      .map(({ meter, legacy, ...seen }) => sighting(meter, legacy, { isLive: false, ...seen }))
      .filter((hold) => hold !== undefined),
  ];
  const arrivesMs = reopenedMs + pollIntervalMs(plan);
  const window = { movedMs: reopenedMs, silenceMs: plan.gate.silenceMs, nowMs };
  const isOpen = (legacy: SideSighting) => acceptedSide(legacy, legacy.commanded, window) === 'accepted';
  const isShown = respondingCount(snapshot) > 0 && sightingsOf(snapshot, 'legacy').every(isOpen);
  if (holds.length > 0 || isShown || nowMs >= arrivesMs) return holds;
  return [{ meter: WHOLE_FLEET, why: 'may not have read the reopening yet', untilMs: arrivesMs }];
}

/** Adds how many hold beside those that are named, for as long as the last of them may. */
function withGroups(named: readonly LegacyHold[], groups: readonly (LegacyHold & { count: number })[]): LegacyHold[] {
  const rest = sumCounts(groups) - named.length;
  const untilOf = ({ untilMs }: LegacyHold) => untilMs ?? Number.POSITIVE_INFINITY;
  const [longest] = groups.toSorted((one, other) => untilOf(other) - untilOf(one));
  if (longest === undefined || rest <= 0) return [...named];
  return [...named, { ...longest, meter: describeRest(rest, named.length) }];
}

/**
 * Returns the instances whose API took a legacy token after a close, once its flags had arrived: they have no acceptance
 * switch, or one that reads other flags.
 */
export function stillTakingLegacy(snapshot: FleetSnapshot, frame: EvidenceFrame): readonly string[] {
  const window = windowAfterClose(frame);
  if (window === undefined) return [];
  const isTaking = (legacy: SideSighting) => acceptedSide(legacy, undefined, window) === 'accepted';
  const named = snapshot.readings.filter(({ sides }) => isTaking(sides.legacy));
  return namesAndRest(
    named.map(({ evidence }) => evidence.meter),
    countShowing(snapshot, 'legacy', isTaking),
  );
}

/** Counts the instances that are known to refuse legacy after a close: by a response of the API, or by what judges for it. */
export function countRefusingLegacy(snapshot: FleetSnapshot, frame: EvidenceFrame): number {
  const window = windowAfterClose(frame);
  if (window === undefined) return 0;
  return countShowing(snapshot, 'legacy', (legacy) => acceptedSide(legacy, legacy.commanded, window) === 'refused');
}

function windowAfterClose({ document, plan, nowMs }: EvidenceFrame): EvidenceWindow | undefined {
  const closedMs = document.acceptanceSinceMs;
  if (document.acceptance !== 'target' || closedMs === null) return undefined;
  return { movedMs: closedMs + pollIntervalMs(plan), silenceMs: plan.gate.silenceMs, nowMs };
}

function refusals({ sides }: MeterReading): (number | null)[] {
  return SIDES.map((side) => sides[side].unauthorizedMs);
}

/** Whether its API took a target token at most `gate.silence` ago and has refused none since: what the phase is read from. */
function isPrepared(target: SideSighting, { plan, nowMs }: EvidenceFrame): boolean {
  const window = { movedMs: null, silenceMs: plan.gate.silenceMs, nowMs };
  return acceptedSide(target, target.commanded, window) === 'accepted';
}

function sinceLastMove(times: readonly (number | null)[], { document, plan, nowMs }: EvidenceFrame): number | null {
  const sinceMs = Math.max(lastMoveMs(document) ?? 0, nowMs - plan.gate.silenceMs);
  const counted = times.filter((ms) => ms !== null).filter((ms) => ms >= sinceMs);
  return counted.length === 0 ? null : Math.max(...counted);
}
