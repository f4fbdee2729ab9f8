import { drainVerdict, type FlagDocument, type MigrationPlan, type Minting, type Situation } from '@crossfade/core';
import { wasReopened } from '../flag-store/flag-position.ts';
import { evidenceOf, type FleetSnapshot, fleetEvidenceOf } from '../fleet/fleet.ts';

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
    reopened: wasReopened(document),
    fleet: fleetEvidenceOf(snapshot),
    drain: drainVerdict(evidenceOf(snapshot, document.issuance), plan, nowMs),
    ...(minting !== undefined && { minting }),
  };
}
