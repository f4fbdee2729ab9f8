import { activeBrownout } from '@crossfade/core';
import { readStoredPosition } from '../flag-store/flag-position.ts';
import { openFlagStore } from '../flag-store/open-flag-store.ts';
import { openFleet } from '../fleet/open-fleet.ts';
import type { VerbJson } from '../json/verb-json.ts';
import { changeJson, exitCodeOf, outcomeOf, printConfirmation, writeChange } from '../move/change.ts';
import { printDryRun } from '../move/dry-run.ts';
import { moveNote } from '../move/move-note.ts';
import { EXIT } from '../verb/exit-code.ts';
import type { Invocation, VerbResult } from '../verb/verb.ts';

export async function run(invocation: Invocation): Promise<VerbResult<VerbJson<'reopen'>>> {
  const { report, now } = invocation;
  const plan = await invocation.plan();
  const writer = await openFlagStore(plan, now);
  const position = await readStoredPosition(writer);
  const { migration } = plan;
  const isOpen = position.document.acceptance === 'both';
  const running = activeBrownout(position.document.brownout, now());
  if (isOpen && running === null) {
    report.print(`${migration}: the legacy audience is already open: nothing to do`);
    return { exitCode: EXIT.done, json: { migration, outcome: 'unchanged' } };
  }
  report.print(report.style('bold', `${migration}: reopen`));
  report.field('acceptance', `APIs accept both (${isOpen ? 'unchanged' : 'now target'})`);
  if (running !== null) report.field('brownout', `ends (now ${running.percent}%)`);
  const note = moveNote(invocation, 'reopen');
  const change = { acceptance: 'both', brownout: null } as const;
  if (invocation.options.given('dry-run'))
    return { exitCode: EXIT.done, json: { migration, ...printDryRun(report, position, change, now()) } };
  const tools = { plan, writer, fleet: openFleet(plan, invocation), invocation };
  const written = await writeChange(tools, position, change, { urgency: 'emergency', note });
  printConfirmation(report, written);
  return {
    exitCode: exitCodeOf(written),
    json: { migration, outcome: outcomeOf(written), ...changeJson(plan, written) },
  };
}
