import { type MigrationPlan, secretProblem } from '@crossfade/core';
import { type Finding, fail, pass } from './finding.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Checks every client secret that the plan names by its environment variable. Never says a value. */
export function examineSecrets(plan: MigrationPlan, environment: Environment): readonly Finding[] {
  return namedSecrets(plan).map(([setting, variable]) => {
    const problem = secretProblem(variable, environment);
    if (problem === undefined) return pass('secret', `${setting}: ${variable} is set`);
    return fail(
      'secret',
      `${setting} ${problem}`,
      'set it here and wherever the plan is used: a sidecar needs it to start',
    );
  });
}

function namedSecrets({ legacy, target, sidecar }: MigrationPlan): readonly (readonly [string, string])[] {
  return [
    ['legacy.introspection', legacy.introspection] as const,
    ['target.introspection', target.introspection] as const,
    ['sidecar.exchange', sidecar?.exchange] as const,
  ].flatMap(([setting, client]) =>
    client === undefined ? [] : [[`${setting}.clientSecretEnv`, client.clientSecretEnv] as const],
  );
}
