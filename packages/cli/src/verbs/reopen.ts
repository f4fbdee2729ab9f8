import { openFlagWriter } from '@crossfade/flags';
import { readStoredPosition } from '../flag-store/flag-position.ts';
import { openFleet } from '../fleet/open-fleet.ts';
import { changeJson, exitCodeOf, printConfirmation, writeChange } from '../move/change.ts';
import { moveNote } from '../move/move-note.ts';
import { EXIT } from '../verb/exit-code.ts';
import type { Invocation, VerbResult } from '../verb/verb.ts';

export async function run(invocation: Invocation): Promise<VerbResult> {
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
    {
      urgency: 'emergency',
      note: moveNote(invocation, 'reopen'),
    },
  );
  printConfirmation(report, written);
  const exitCode = exitCodeOf(written);
  const outcome = exitCode === EXIT.done ? 'done' : 'unconfirmed';
  return { exitCode, json: { migration, outcome, ...changeJson(plan, written) } };
}
