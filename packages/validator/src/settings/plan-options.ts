import type { MigrationPlan, SidePlan } from '@crossfade/core';
import type { SideOptions, ValidatorOptions } from './validator-options.ts';

/** Takes a validator's options from a migration plan. The acceptance switch comes from the flags, not from the plan. */
export function validatorOptions(
  plan: Pick<MigrationPlan, 'legacy' | 'target' | 'clients' | 'clockToleranceMs'>,
): Pick<ValidatorOptions, 'legacy' | 'target' | 'clients' | 'clockTolerance'> {
  return {
    legacy: sideOptions(plan.legacy),
    target: sideOptions(plan.target),
    clients: plan.clients,
    clockTolerance: `${plan.clockToleranceMs}ms`,
  };
}

/** A side of the plan without the settings of logins and of the gate. */
function sideOptions({ scope, resource, tokenLifetimeMs, sessionLifetimeMs, ...side }: SidePlan): SideOptions {
  return side;
}
