import {
  type FlagDocument,
  formatInstant,
  type Issuance,
  type MigrationPlan,
  type Minting,
  type Situation,
  UnavailableError,
} from '@crossfade/core';
import { wasReopened } from '../flag-store/flag-position.ts';
import type { StoreView } from '../flag-store/store-view.ts';
import { EMPTY_FLEET, type Fleet, type FleetSnapshot, type ReadFrame } from '../fleet/fleet.ts';
import { stillTakingLegacy } from '../fleet/fleet-evidence.ts';
import { type RunningBrownout, readRunningBrownout } from '../fleet/running-brownout.ts';
import type { PlanStatusJson } from '../json/status-json.ts';
import type { Report } from '../verb/report.ts';
import { disagreementsJson, drainJson, mintingJson, watchJson } from './decision-report.ts';
import { groupsJson, meterJson, missingJson } from './meter-report.ts';
import { situationOf } from './situation.ts';
import { type MigrationState, stateOf } from './state.ts';

/** Everything that `crossfade status` tells of one plan. */
export interface PlanStatus {
  readonly plan: MigrationPlan;
  readonly document: FlagDocument;
  readonly snapshot: FleetSnapshot;
  readonly situation: Situation;
  readonly state: MigrationState;
}

export function planStatus(
  plan: MigrationPlan,
  document: FlagDocument,
  snapshot: FleetSnapshot,
  nowMs: number,
  minting?: Minting,
): PlanStatus {
  const situation = situationOf(document, snapshot, plan, nowMs, minting);
  return { plan, document, snapshot, situation, state: stateOf(document, situation, plan, nowMs) };
}

/** Reads the fleet. If it cannot be reached, the status shows the flags alone. */
export async function readFleetOrWarn(
  { fleet, frame }: { readonly fleet: Fleet | undefined; readonly frame?: ReadFrame },
  report: Report,
  nowMs: number,
  meters = 'The meters',
): Promise<FleetSnapshot> {
  if (fleet === undefined) return EMPTY_FLEET;
  try {
    return await fleet.read(nowMs, frame);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    report.warn(`${meters} cannot be read: ${error.message}`);
    return EMPTY_FLEET;
  }
}

/** Reads what the provider mints; `undefined` where there is nothing to ask, or it cannot be reached. */
export async function readMintingIfReachable(
  fleet: Fleet | undefined,
  issuance: Issuance,
  nowMs: number,
): Promise<Minting | undefined> {
  try {
    return await fleet?.minting(issuance, nowMs);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    return undefined;
  }
}

/** Reads what a running brownout did; without the meters what it refused is unknown. */
export async function readBrownoutIfReachable(
  { document, moves }: Pick<StoreView, 'document' | 'moves'>,
  meters: { readonly fleet: Fleet | undefined; readonly snapshot: FleetSnapshot },
  nowMs: number,
): Promise<RunningBrownout | null> {
  try {
    return await readRunningBrownout(document, moves, meters, nowMs);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    return readRunningBrownout(document, moves, { ...meters, fleet: undefined }, nowMs);
  }
}

/** Returns a status as `--json` prints it. */
export function statusJson({ plan, document, snapshot, situation, state }: PlanStatus): PlanStatusJson {
  const { fleet, drain, minting } = situation;
  const { enabled, percent, revision, sinceMs } = document.issuance;
  const { phase, reason, next, drainEta } = state;
  return {
    migration: plan.migration,
    phase,
    reason,
    next,
    issuance: { enabled, percent, revision, since: formatInstant(sinceMs) },
    acceptance: document.acceptance,
    reopened: wasReopened(document),
    fleet: {
      ...fleet,
      meters: snapshot.readings.map((reading) => meterJson(reading, { document, plan, nowMs: situation.nowMs })),
      groups: groupsJson(snapshot, { document, plan, nowMs: situation.nowMs }),
      missing: missingJson(snapshot),
    },
    disagreements: disagreementsJson(snapshot),
    openConnections: snapshot.openConnections,
    stillTakingLegacy: stillTakingLegacy(snapshot, { document, plan, nowMs: situation.nowMs }),
    minting: mintingJson(minting),
    drain: { ...drainJson(drain), eta: drainEta },
    watch: watchJson(snapshot),
  };
}
