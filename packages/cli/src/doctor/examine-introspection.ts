import { randomUUID } from 'node:crypto';
import { type Clock, type MigrationPlan, SIDES, type Side, secretProblem, UnavailableError } from '@crossfade/core';
import { createValidator, validatorOptions } from '@crossfade/validator';
import { type Finding, fail, pass } from './finding.ts';

interface IntrospectionTools {
  /** Holds the client secrets that the plan names. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: Clock;
}

/**
 * Asks the introspection endpoint of each side about a token that no issuer has made, as a validator asks it. A side whose
 * secret is not usable is left out: nothing is asked without it.
 */
export async function examineIntrospection(
  plan: MigrationPlan,
  tools: IntrospectionTools,
): Promise<readonly Finding[]> {
  const sides = SIDES.filter((side) => {
    const { introspection } = plan[side];
    return introspection !== undefined && secretProblem(introspection.clientSecretEnv, tools.env) === undefined;
  });
  return Promise.all(sides.map((side) => examineSide(plan, side, tools)));
}

async function examineSide(plan: MigrationPlan, side: Side, { env, now }: IntrospectionTools): Promise<Finding> {
  const validator = createValidator({ ...validatorOptions(introspectingOnly(plan, side), env), now });
  try {
    const judgement = await validator.judge(`crossfade-doctor-${randomUUID()}`);
    if (judgement.outcome === 'rejected' && judgement.reason === 'inactive')
      return pass('introspection', `${side}: the endpoint responds, and calls a made-up token inactive`);
    return fail(
      'introspection',
      `${side}: the endpoint calls a made-up token active`,
      `check ${side}.introspection.endpoint: whatever responds there does not know the issuer's tokens`,
    );
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    return fail(
      'introspection',
      `${side}: ${error.message}`,
      `check ${side}.introspection in the plan, the network and the provider: opaque tokens cannot be judged until it responds`,
    );
  } finally {
    validator.close();
  }
}

/** The plan with the introspection of one side only, so that it is clear which endpoint responded. */
function introspectingOnly(plan: MigrationPlan, side: Side): MigrationPlan {
  const other = side === 'legacy' ? 'target' : 'legacy';
  const { introspection, ...rest } = plan[other];
  return { ...plan, [other]: rest };
}
