import { ConfigError, describeProblem, type MigrationPlan, UnavailableError } from '@crossfade/core';
import { type AppConfigEnvironment, examineAppConfig } from '@crossfade/flags/appconfig-writer';
import { type Finding, fail, pass, unknown, warn } from './finding.ts';

/**
 * Checks that nothing in the AppConfig environment could hold up, or undo, a rollback, and what the operator may do there.
 * Nothing for another source of flags.
 */
export async function examineEnvironment({ flags }: Pick<MigrationPlan, 'flags'>): Promise<readonly Finding[]> {
  if (flags.source !== 'appconfig') return [];
  const place = `${flags.application}/${flags.environment}/${flags.profile}`;
  try {
    const examined = await examineAppConfig(flags);
    return [...judgePermissions(examined), ...judge(examined, flags.environment)];
  } catch (error) {
    if (error instanceof ConfigError)
      return [
        fail(
          'environment',
          error.problems.map(describeProblem).join('; '),
          `correct flags in the plan, or create what is missing: crossfade init --appconfig ${place}`,
        ),
      ];
    if (!(error instanceof UnavailableError)) throw error;
    return [fail('environment', error.message, 'check credentials and the network: a rollback needs this store')];
  }
}

/** Reads are tried one by one. AWS offers no way to try a write without writing. */
function judgePermissions({ reads: { allowed, denied }, writes }: AppConfigEnvironment): readonly Finding[] {
  const found = denied.map((action) =>
    fail('permissions', `AWS denies ${action}`, `allow ${action} for the operator and the on-call role`),
  );
  if (found.length === 0)
    found.push(pass('permissions', `AWS allows the ${allowed.length} actions that a move reads with`));
  return [
    ...found,
    unknown(
      'permissions',
      `whether AWS allows ${writes.join(', ')} cannot be known without writing`,
      `ask IAM: aws iam simulate-principal-policy --policy-source-arn <ARN of the role> --action-names ${writes.join(' ')}`,
    ),
  ];
}

function judge({ alarms, otherProfiles, hasStrategy }: AppConfigEnvironment, name: string): readonly Finding[] {
  const findings: Finding[] = [];
  if (alarms !== null && alarms.length > 0)
    findings.push(
      fail(
        'environment',
        `${name} monitors ${alarms.length === 1 ? 'an alarm' : `${alarms.length} alarms`} (${alarms.join(', ')}): in ALARM, AppConfig takes every deployment back, a rollback as well`,
        'remove the monitors: aws appconfig update-environment --monitors []',
      ),
    );
  if (otherProfiles !== null && otherProfiles.length > 0)
    findings.push(
      warn(
        'environment',
        `${name} also serves ${otherProfiles.join(', ')}: a deployment of another profile blocks a rollback until it is stopped`,
        'give Crossfade an environment of its own',
      ),
    );
  if (hasStrategy === false)
    findings.push(
      warn(
        'environment',
        'the account has no deployment strategy without growth and baking: the first move creates crossfade-at-once',
        'create it beforehand (crossfade init), so that the on-call role needs no permission for that',
      ),
    );
  const denied = unknownParts({ alarms, otherProfiles, hasStrategy });
  if (denied.length > 0)
    findings.push(
      unknown('environment', `AWS does not tell of ${denied.join(', ')}`, 'allow the actions that permissions names'),
    );
  return findings.length > 0 ? findings : [pass('environment', `nothing in ${name} holds up or undoes a rollback`)];
}

function unknownParts(parts: Pick<AppConfigEnvironment, 'alarms' | 'otherProfiles' | 'hasStrategy'>): string[] {
  return [
    ...(parts.alarms === null ? ['its alarms'] : []),
    ...(parts.otherProfiles === null ? ['its other profiles'] : []),
    ...(parts.hasStrategy === null ? ['its deployment strategies'] : []),
  ];
}
