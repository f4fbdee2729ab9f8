import { UnavailableError } from '@crossfade/core';
import { openFlagWriter } from '@crossfade/flags';
import { breakGlass } from '../flag-store/break-glass.ts';
import { openFleet } from '../fleet/open-fleet.ts';
import { rollBack } from '../move/roll-back.ts';
import { EXIT } from '../verb/exit-code.ts';
import type { VerbDefinition } from '../verb/verb.ts';

const HELP = `crossfade rollback [--yes] [--config crossfade.yaml] [--json]

Lets every login ask for the legacy audience again. Takes no arguments, asks nothing, may be repeated, and stops a
deployment that is under way. Sessions that hold target tokens go on: APIs accept both.
If the legacy audience was closed, it is reopened first, and logins follow once the APIs show it.
Prints the time to effect, and waits until every meter shows it. When the flag store can't be reached, prints what to do
by hand.

  --yes   taken, and not needed: it does not ask

Ends with 0 when every meter shows it, 4 when it is written but not confirmed, 1 when it would not be safe yet,
3 when the flag store can't be reached, 5 when somebody else kept changing the flags.

  crossfade rollback
`;

export const rollback: VerbDefinition = {
  name: 'rollback',
  summary: 'let every login ask for the legacy audience again, at once',
  help: HELP,
  options: { yes: 'boolean' },
  async run(invocation) {
    const { report, now, signal } = invocation;
    const plan = await invocation.plan();
    try {
      const writer = await openFlagWriter(plan.flags, { now });
      return await rollBack({ plan, writer, fleet: openFleet(plan, signal), invocation });
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      const steps = breakGlass(plan);
      report.warn(`crossfade rollback: the flag store can't be used: ${error.message}`);
      report.warn('The rollback is not known to be written. Repeat the command; meanwhile, by hand:');
      for (const step of steps) report.warn(`  ${step}`);
      const json = { migration: plan.migration, outcome: 'unavailable', problem: error.message, breakGlass: steps };
      return { exitCode: EXIT.unavailable, json };
    }
  },
};
