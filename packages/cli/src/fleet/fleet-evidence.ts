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
  SIDES,
  type Side,
} from '@crossfade/core';
import type { FleetSnapshot, MeterReading, SideSighting } from './fleet.ts';

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
  const window = { movedMs: lastMoveMs(document), silenceMs: plan.gate.silenceMs, nowMs };
  return acceptedSide(sides[side], sides[side].commanded, window);
}

/** Returns the evidence for the guards of moves. */
export function fleetEvidenceOf(snapshot: FleetSnapshot, frame: EvidenceFrame): FleetEvidence {
  const { expected, readings } = snapshot;
  const target = readings.map((reading) => ({ reading, shown: acceptedBy(reading, 'target', frame) }));
  return {
    expected,
    responding: readings.length,
    acceptingTarget: target.filter(({ shown }) => shown === 'accepted').length,
    preparedForTarget: readings.filter((reading) => isPrepared(reading, frame)).length,
    refusingTarget: target.filter(({ shown }) => shown === 'refused').map(({ reading }) => reading.evidence.meter),
    legacyHolds: legacyHoldsOf(snapshot, frame),
    refusedValidMs: sinceLastMove(readings.flatMap(refusals), frame),
    refusedBy: readings
      .filter((reading) => sinceLastMove(refusals(reading), frame) !== null)
      .map(({ evidence }) => evidence.meter),
    disagreedMs: sinceLastMove(
      readings.map(({ evidence }) => evidence.disagreements?.lastVerifiedMs ?? null),
      frame,
    ),
    targetKeysMissing: readings.flatMap(({ evidence: { meter }, missingTargetKeys: reason }) =>
      reason === null ? [] : [{ meter, reason }],
    ),
  };
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
function legacyHoldsOf({ readings, silent }: FleetSnapshot, { document, plan, nowMs }: EvidenceFrame): LegacyHold[] {
  const { acceptance, acceptanceSinceMs: reopenedMs } = document;
  if (acceptance !== 'both' || reopenedMs === null) return [];
  const reopening = { reopenedMs, flagsTakeMs: flagsTakeMs(plan), silenceMs: plan.gate.silenceMs, nowMs };
  const sighting = (
    meter: string,
    { commanded, ...responses }: SideSighting,
    seen: Pick<LegacySighting, 'isLive' | 'seenMs'>,
  ) => legacyHold({ meter, responses, commanded, ...seen }, reopening);
  const holds = [
    ...readings.map(({ evidence, sides }) => sighting(evidence.meter, sides.legacy, { isLive: true })),
    ...silent.map(({ meter, legacy, ...seen }) => sighting(meter, legacy, { isLive: false, ...seen })),
  ].filter((hold) => hold !== undefined);
  const arrivesMs = reopenedMs + pollIntervalMs(plan);
  const isShown =
    readings.length > 0 &&
    readings.every(({ sides }) => {
      const window = { movedMs: reopenedMs, silenceMs: plan.gate.silenceMs, nowMs };
      return acceptedSide(sides.legacy, sides.legacy.commanded, window) === 'accepted';
    });
  if (holds.length > 0 || isShown || nowMs >= arrivesMs) return holds;
  return [{ meter: WHOLE_FLEET, why: 'may not have read the reopening yet', untilMs: arrivesMs }];
}

/**
 * Returns the instances whose API took a legacy token after a close, once its flags had arrived: they have no acceptance
 * switch, or one that reads other flags.
 */
export function stillTakingLegacy({ readings }: FleetSnapshot, frame: EvidenceFrame): readonly string[] {
  const window = windowAfterClose(frame);
  if (window === undefined) return [];
  return readings
    .filter(({ sides }) => acceptedSide(sides.legacy, undefined, window) === 'accepted')
    .map(({ evidence }) => evidence.meter);
}

/** Returns the instances that are known to refuse legacy after a close: by a response of the API, or by what judges for it. */
export function refusingLegacy({ readings }: FleetSnapshot, frame: EvidenceFrame): readonly string[] {
  const window = windowAfterClose(frame);
  if (window === undefined) return [];
  return readings
    .filter(({ sides: { legacy } }) => acceptedSide(legacy, legacy.commanded, window) === 'refused')
    .map(({ evidence }) => evidence.meter);
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
function isPrepared({ sides }: MeterReading, { plan, nowMs }: EvidenceFrame): boolean {
  const window = { movedMs: null, silenceMs: plan.gate.silenceMs, nowMs };
  return acceptedSide(sides.target, sides.target.commanded, window) === 'accepted';
}

function sinceLastMove(times: readonly (number | null)[], { document, plan, nowMs }: EvidenceFrame): number | null {
  const sinceMs = Math.max(lastMoveMs(document) ?? 0, nowMs - plan.gate.silenceMs);
  const counted = times.filter((ms) => ms !== null).filter((ms) => ms >= sinceMs);
  return counted.length === 0 ? null : Math.max(...counted);
}
