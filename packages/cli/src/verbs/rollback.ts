import { ConfigError, UnavailableError } from '@crossfade/core';
import { breakGlass } from '../flag-store/break-glass.ts';
import { openFlagStore } from '../flag-store/open-flag-store.ts';
import { openFleet } from '../fleet/open-fleet.ts';
import { namedMeters } from '../fleet/without-meters.ts';
import type { VerbJson } from '../json/verb-json.ts';
import { moveNote } from '../move/move-note.ts';
import { rollBack } from '../move/roll-back.ts';
import { EXIT } from '../verb/exit-code.ts';
import type { Invocation, VerbResult } from '../verb/verb.ts';

export async function run(invocation: Invocation): Promise<VerbResult<VerbJson<'rollback'>>> {
  const { options, report, now } = invocation;
  const choices = {
    without: namedMeters(options.text('without')),
    isNow: options.given('now'),
    note: moveNote(invocation, 'rollback'),
  };
  const plan = await invocation.plan();
  const fleet = openFleet(plan, invocation);
  try {
    const writer = await openFlagStore(plan, now);
    return await rollBack({ plan, writer, fleet, invocation }, choices);
  } catch (error) {
    // A store that refuses the caller, or lacks a region, cannot be used either.
    if (!(error instanceof UnavailableError || error instanceof ConfigError)) throw error;
    const steps = await breakGlass(plan);
    report.warn(`crossfade rollback: the flag store cannot be used: ${error.message}`);
    report.warn('The rollback may not be written. Run crossfade rollback again; meanwhile, roll back by hand:');
    for (const step of steps) report.warn(step);
    report.warn('Read on: crossfade runbook flag-store-down');
    const outcome = 'unavailable' as const;
    const json = { migration: plan.migration, outcome, problem: error.message, breakGlass: steps };
    return { exitCode: EXIT.unavailable, json };
  }
}
