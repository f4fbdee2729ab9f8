import { derivePhase, drainVerdict } from '@crossfade/core';
import { readFlagDocument } from '../flag-store/flag-position.ts';
import { evidenceOf } from '../fleet/fleet-evidence.ts';
import { requireFleet } from '../fleet/open-fleet.ts';
import {
  disagreementsJson,
  drainJson,
  exitCodeOfVerdict,
  mintingJson,
  printDrain,
  printMinting,
  printMissing,
} from '../output/decision-report.ts';
import type { Invocation, VerbResult } from '../verb/verb.ts';

export async function run({ plan: readPlan, report, now, env, signal }: Invocation): Promise<VerbResult> {
  const plan = await readPlan();
  const fleet = requireFleet(plan, { env, signal });
  const [document, snapshot] = await Promise.all([readFlagDocument(plan, now), fleet.read(now())]);
  const minting = await fleet.minting(document.issuance, now());
  const drain = drainVerdict(evidenceOf(snapshot, document.issuance), plan, now());
  report.print(report.style('bold', `${plan.migration}: the drain gate says ${drain.verdict}`));
  printDrain(report, drain, now());
  printMinting(report, minting);
  printMissing(report, snapshot);
  const phase = derivePhase(document.acceptance, document.issuance);
  return {
    exitCode: exitCodeOfVerdict(drain.verdict),
    json: {
      migration: plan.migration,
      phase,
      ...drainJson(drain),
      disagreements: disagreementsJson(snapshot),
      openConnections: snapshot.openConnections,
      minting: mintingJson(minting),
      missing: snapshot.missing,
    },
  };
}
