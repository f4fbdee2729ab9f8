import {
  ConfigError,
  type MigrationPlan,
  type ObservationPlan,
  type Problem,
  type Side,
  type SidePlan,
  secretProblem,
} from '@crossfade/core';
import type { SideOptions, ValidatorOptions } from './validator-options.ts';

/** The part of a plan that decides about a token. */
type JudgingPlan = Pick<MigrationPlan, 'legacy' | 'clients' | 'clockToleranceMs' | 'maxTokenBytes'> &
  Pick<ObservationPlan, 'target'>;

/**
 * Takes a validator's options from a migration plan, so that every program that reads the plan judges a token alike. The
 * acceptance switch comes from the flags, not from the plan.
 * @param environment holds the secrets that the plan names by variable: a program hands in `process.env`.
 * @throws {@link ConfigError} when a named variable is not set, or holds no secret.
 */
export function validatorOptions(
  plan: JudgingPlan,
  environment: Readonly<Record<string, string | undefined>> = {},
): Pick<ValidatorOptions, 'legacy' | 'target' | 'clients' | 'clockTolerance' | 'maxTokenBytes'> {
  const problems = [
    ...missingSecrets('legacy', plan.legacy, environment),
    ...(plan.target === undefined ? [] : missingSecrets('target', plan.target, environment)),
  ];
  if (problems.length > 0) throw new ConfigError('plan', problems);
  const legacy = sideOptions(plan.legacy, environment);
  return {
    // While observing, any token passes anyway: the plan's own rule has seen to it.
    legacy: legacy.anyAudience === true ? { ...legacy, acknowledgeRisk: true } : legacy,
    ...(plan.target !== undefined && { target: sideOptions(plan.target, environment) }),
    ...(plan.clients !== undefined && { clients: plan.clients }),
    clockTolerance: `${plan.clockToleranceMs}ms`,
    ...(plan.maxTokenBytes !== undefined && { maxTokenBytes: plan.maxTokenBytes }),
  };
}

/** A side of the plan without the settings of logins and of the gate. */
function sideOptions(
  {
    issuer,
    issuers,
    audience,
    audiences,
    introspection,
    scope,
    resource,
    tokenLifetimeMs,
    sessionLifetimeMs,
    ...side
  }: SidePlan,
  environment: Readonly<Record<string, string | undefined>>,
): SideOptions {
  const names = audiences ?? audience;
  const options = { ...side, issuer: issuers ?? issuer, ...(names !== undefined && { audience: names }) };
  if (introspection === undefined) return options;
  const { clientSecretEnv, ...endpoint } = introspection;
  return { ...options, introspection: { ...endpoint, clientSecret: environment[clientSecretEnv] ?? '' } };
}

function missingSecrets(
  name: Side,
  { introspection }: SidePlan,
  environment: Readonly<Record<string, string | undefined>>,
): Problem[] {
  const message = introspection && secretProblem(introspection.clientSecretEnv, environment);
  return message === undefined ? [] : [{ path: `${name}.introspection.clientSecretEnv`, message }];
}
