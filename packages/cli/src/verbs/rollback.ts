import { UnavailableError } from '@crossfade/core';
import { openFlagWriter } from '@crossfade/flags';
import { breakGlass } from '../flag-store/break-glass.ts';
import { openFleet } from '../fleet/open-fleet.ts';
import { rollBack } from '../move/roll-back.ts';
import { EXIT } from '../verb/exit-code.ts';
import type { VerbDefinition } from '../verb/verb.ts';

const HELP = `crossfade rollback [--yes] [--config crossfade.yaml] [--json]

Switches all logins back to the legacy audience. Takes no arguments, never asks, can be repeated, and stops a running
deployment. Sessions with target tokens continue: APIs accept both.
If the legacy audience is closed, reopens it first and switches logins once the APIs show it.
Prints the time to effect and waits until every meter shows it. If the flag store cannot be reached, prints what to do by
hand.

  --yes   accepted for scripts; rollback never asks

Exit codes: 0 every meter shows it, 1 not safe yet, 3 the flag store cannot be reached, 4 written but not confirmed,
5 another writer kept changing the flags.

  crossfade rollback
`;

export const rollback: VerbDefinition = {
  name: 'rollback',
  summary: 'switch all logins back to the legacy audience, at once',
  help: HELP,
  options: { yes: 'boolean' },
  async run(invocation) {
    const { report, now } = invocation;
    const plan = await invocation.plan();
    try {
      const writer = await openFlagWriter(plan.flags, { now });
      return await rollBack({ plan, writer, fleet: openFleet(plan, invocation), invocation });
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      const steps = breakGlass(plan);
      report.warn(`crossfade rollback: the flag store cannot be used: ${error.message}`);
      report.warn('The rollback may not be written. Run crossfade rollback again; meanwhile, roll back by hand:');
      for (const step of steps) report.warn(`  ${step}`);
      const json = { migration: plan.migration, outcome: 'unavailable', problem: error.message, breakGlass: steps };
      return { exitCode: EXIT.unavailable, json };
    }
  },
};
