import { UnavailableError } from '@crossfade/core';
import { openFlagWriter } from '@crossfade/flags';
import { breakGlass } from '../flag-store/break-glass.ts';
import { openFleet } from '../fleet/open-fleet.ts';
import { namedMeters } from '../fleet/without-meters.ts';
import { moveNote } from '../move/move-note.ts';
import { rollBack } from '../move/roll-back.ts';
import { EXIT } from '../verb/exit-code.ts';
import type { Invocation, VerbResult } from '../verb/verb.ts';

export async function run(invocation: Invocation): Promise<VerbResult> {
  const { options, report, now } = invocation;
  const choices = {
    without: namedMeters(options.text('without')),
    isNow: options.given('now'),
    note: moveNote(invocation, 'rollback'),
  };
  const plan = await invocation.plan();
  try {
    const writer = await openFlagWriter(plan.flags, { now });
    return await rollBack({ plan, writer, fleet: openFleet(plan, invocation), invocation }, choices);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    const steps = breakGlass(plan);
    report.warn(`crossfade rollback: the flag store cannot be used: ${error.message}`);
    report.warn('The rollback may not be written. Run crossfade rollback again; meanwhile, roll back by hand:');
    for (const step of steps) report.warn(`  ${step}`);
    const json = { migration: plan.migration, outcome: 'unavailable', problem: error.message, breakGlass: steps };
    return { exitCode: EXIT.unavailable, json };
  }
}
