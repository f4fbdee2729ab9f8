import type { FlagDocument, MigrationPlan, Minting, Situation } from '@crossfade/core';
import { judgeDrain } from '../fleet/drain-evidence.ts';
import type { FleetSnapshot } from '../fleet/fleet.ts';
import { fleetEvidenceOf } from '../fleet/fleet-evidence.ts';

/** Combines the flags and the meters into the situation that `decideMove` judges. */
export function situationOf(
  document: FlagDocument,
  snapshot: FleetSnapshot,
  plan: MigrationPlan,
  nowMs: number,
  minting?: Minting,
): Situation {
  return {
    position: { acceptance: document.acceptance, issuance: document.issuance },
    fleet: fleetEvidenceOf(snapshot, { document, plan, nowMs }),
    nowMs,
    drain: judgeDrain(snapshot, document.issuance, plan, nowMs),
    ...(minting !== undefined && { minting }),
  };
}
