import { drainVerdict, type FlagDocument, type MigrationPlan, type Situation } from '@crossfade/core';
import { wasReopened } from '../flag-store/flag-position.ts';
import { evidenceOf, type FleetLook, fleetEvidenceOf } from '../fleet/fleet.ts';

/** Puts together what `decideMove` decides on: what the flags command, and what the meters show. */
export function situationOf(document: FlagDocument, look: FleetLook, plan: MigrationPlan, nowMs: number): Situation {
  return {
    position: { acceptance: document.acceptance, issuance: document.issuance },
    reopened: wasReopened(document),
    fleet: fleetEvidenceOf(look),
    drain: drainVerdict(evidenceOf(look, document.issuance), plan, nowMs),
  };
}
