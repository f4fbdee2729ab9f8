import { derivePhase, drainVerdict } from '@crossfade/core';
import { readFlagDocument } from '../flag-store/flag-position.ts';
import { evidenceOf } from '../fleet/fleet.ts';
import { requireFleet } from '../fleet/open-fleet.ts';
import { drainJson, exitCodeOfVerdict, sayDrain, sayMissing } from '../output/decision-report.ts';
import type { VerbDefinition } from '../verb/verb.ts';

const HELP = `crossfade gate [--config crossfade.yaml] [--json]

Asks whether the legacy audience can be closed without rejecting one valid token. Changes nothing.
Reads the flags, and what the meters have seen: from Prometheus (gate.prometheus), from each sidecar (gate.sidecars), or
from the plan's own sidecar. Every check says what was seen and what is missing; any doubt is inconclusive, never a pass.

Ends with 0 on pass, 1 on fail, 4 when inconclusive, 3 when the flag store or Prometheus can't be reached.

  crossfade gate && echo "safe to close"
`;

export const gate: VerbDefinition = {
  name: 'gate',
  summary: 'ask whether the legacy audience can be closed safely',
  help: HELP,
  options: {},
  async run({ plan: readPlan, report, now, signal }) {
    const plan = await readPlan();
    const fleet = requireFleet(plan, signal);
    const [document, look] = await Promise.all([readFlagDocument(plan, now), fleet.look(now())]);
    const drain = drainVerdict(evidenceOf(look, document.issuance), plan, now());
    report.say(report.paint('bold', `${plan.migration}: the drain gate says ${drain.verdict}`));
    sayDrain(report, drain, now());
    sayMissing(report, look);
    const phase = derivePhase(document.acceptance, document.issuance);
    return {
      exitCode: exitCodeOfVerdict(drain.verdict),
      json: { migration: plan.migration, phase, ...drainJson(drain), missing: look.missing },
    };
  },
};
