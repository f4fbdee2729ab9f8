import { ConfigError, describeProblem, type MigrationPlan, UnavailableError } from '@crossfade/core';
import { type AppConfigEnvironment, examineAppConfig } from '@crossfade/flags/appconfig-writer';
import { type Finding, fail, pass, warn } from './finding.ts';

/** Checks that nothing in the AppConfig environment could hold up, or undo, a rollback. Nothing for another source of flags. */
export async function examineEnvironment({ flags }: Pick<MigrationPlan, 'flags'>): Promise<readonly Finding[]> {
  if (flags.source !== 'appconfig') return [];
  try {
    return judge(await examineAppConfig(flags), flags.environment);
  } catch (error) {
    if (error instanceof ConfigError) {
      const why = error.problems.map(describeProblem).join('; ');
      return [
        fail(
          'environment',
          why,
          'allow the actions that crossfade doctor --help lists, for the operator and the on-call role',
        ),
      ];
    }
    if (!(error instanceof UnavailableError)) throw error;
    return [fail('environment', error.message, 'check credentials and the network: a rollback needs this store')];
  }
}

function judge({ alarms, otherProfiles, hasStrategy }: AppConfigEnvironment, name: string): readonly Finding[] {
  const findings: Finding[] = [];
  if (alarms.length > 0)
    findings.push(
      fail(
        'environment',
        `${name} monitors ${alarms.length === 1 ? 'an alarm' : `${alarms.length} alarms`} (${alarms.join(', ')}): in ALARM, AppConfig takes every deployment back, a rollback as well`,
        'remove the monitors: aws appconfig update-environment --monitors []',
      ),
    );
  if (otherProfiles.length > 0)
    findings.push(
      warn(
        'environment',
        `${name} also serves ${otherProfiles.join(', ')}: a deployment of another profile blocks a rollback until it is stopped`,
        'give Crossfade an environment of its own',
      ),
    );
  if (!hasStrategy)
    findings.push(
      warn(
        'environment',
        'the account has no deployment strategy without growth and baking: the first move creates crossfade-at-once',
        'create it beforehand (crossfade init), so that the on-call role needs no permission for that',
      ),
    );
  return findings.length > 0 ? findings : [pass('environment', `nothing in ${name} holds up or undoes a rollback`)];
}
