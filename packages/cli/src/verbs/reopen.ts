import { openFlagWriter } from '@crossfade/flags';
import { readStoredPosition } from '../flag-store/flag-position.ts';
import { openFleet } from '../fleet/open-fleet.ts';
import { changeJson, exitCodeOf, printChange, writeChange } from '../move/change.ts';
import { EXIT } from '../verb/exit-code.ts';
import type { VerbDefinition } from '../verb/verb.ts';

const HELP = `crossfade reopen [--yes] [--config crossfade.yaml] [--json]

Reopens the legacy audience: APIs accept both audiences. Always safe, so it does not ask, and it stops a running
deployment. Leaves logins unchanged. Does nothing if the audience is open.

  --yes   accepted for scripts; reopen never asks

Exit codes: 0 every meter shows it, 3 the flag store cannot be reached, 4 written but not confirmed.

  crossfade reopen
`;

export const reopen: VerbDefinition = {
  name: 'reopen',
  summary: 'let APIs accept the legacy audience again',
  help: HELP,
  options: { yes: 'boolean' },
  async run(invocation) {
    const { report, now } = invocation;
    const plan = await invocation.plan();
    const writer = await openFlagWriter(plan.flags, { now });
    const position = await readStoredPosition(writer);
    const { migration } = plan;
    if (position.document.acceptance === 'both') {
      report.print(`${migration}: the legacy audience is already open: nothing to do`);
      return { exitCode: EXIT.done, json: { migration, outcome: 'unchanged' } };
    }
    report.print(report.style('bold', `${migration}: reopen`));
    report.field('acceptance', 'APIs accept both (now target)');
    const fleet = openFleet(plan, invocation);
    const written = await writeChange(
      { plan, writer, fleet, invocation },
      position,
      { acceptance: 'both' },
      'emergency',
    );
    printChange(report, plan, written);
    const exitCode = exitCodeOf(written);
    const outcome = exitCode === EXIT.done ? 'done' : 'unconfirmed';
    return { exitCode, json: { migration, outcome, ...changeJson(plan, written) } };
  },
};
