import { openFlagWriter } from '@crossfade/flags';
import { readStoredPosition } from '../flag-store/flag-position.ts';
import { openFleet } from '../fleet/open-fleet.ts';
import { changeJson, exitCodeOf, sayChange, writeChange } from '../move/change.ts';
import { EXIT } from '../verb/exit-code.ts';
import type { VerbDefinition } from '../verb/verb.ts';

const HELP = `crossfade reopen [--yes] [--config crossfade.yaml] [--json]

Opens the legacy audience again: APIs accept both audiences. Always safe, so it does not ask, and stops a deployment that
is under way. Leaves logins as they are. Does nothing when the audience is open.

  --yes   taken, and not needed: it does not ask

Ends with 0 when every meter shows it, 4 when it is written but not confirmed, 3 when the flag store can't be reached.

  crossfade reopen
`;

export const reopen: VerbDefinition = {
  name: 'reopen',
  summary: 'let APIs accept the legacy audience again',
  help: HELP,
  options: { yes: 'boolean' },
  async run(invocation) {
    const { report, now, signal } = invocation;
    const plan = await invocation.plan();
    const writer = await openFlagWriter(plan.flags, { now });
    const position = await readStoredPosition(writer);
    const { migration } = plan;
    if (position.document.acceptance === 'both') {
      report.say(`${migration}: the legacy audience is open: nothing to do`);
      return { exitCode: EXIT.done, json: { migration, outcome: 'unchanged' } };
    }
    report.say(report.paint('bold', `${migration}: reopen`));
    report.field('acceptance', 'APIs accept both (now target)');
    const fleet = openFleet(plan, signal);
    const written = await writeChange(
      { plan, writer, fleet, invocation },
      position,
      { acceptance: 'both' },
      'emergency',
    );
    sayChange(report, plan, written);
    const exitCode = exitCodeOf(written);
    const outcome = exitCode === EXIT.done ? 'done' : 'unconfirmed';
    return { exitCode, json: { migration, outcome, ...changeJson(plan, written) } };
  },
};
