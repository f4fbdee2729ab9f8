import { ACCEPT_LEGACY_FLAG, ISSUE_TARGET_FLAG, type MigrationPlan } from '@crossfade/core';

/** Lists the steps to roll back by hand when Crossfade cannot reach the flag store. */
export function breakGlass({ flags }: Pick<MigrationPlan, 'flags'>): readonly string[] {
  const goal = `the goal: set "${ISSUE_TARGET_FLAG}" to { "enabled": false }; if "${ACCEPT_LEGACY_FLAG}" is off, switch it on first`;
  const restart =
    'as a last resort, restart the login service without its cached flag document: it then asks for legacy';
  if (flags.source === 'file') {
    return [goal, `edit ${flags.path} on the machine that has it, or deploy a new one in the usual way`, restart];
  }
  const where = `application ${flags.application}, environment ${flags.environment}, profile ${flags.profile}`;
  return [
    goal,
    `in AWS AppConfig: ${where}`,
    'stop the running deployment: aws appconfig stop-deployment --application-id <id> --environment-id <id> --deployment-number <n>',
    'deploy a version that is all legacy: aws appconfig start-deployment --application-id <id> --environment-id <id> --configuration-profile-id <id> --configuration-version <n> --deployment-strategy-id AppConfig.AllAtOnce',
    'or do both in the AWS console; see https://health.aws.amazon.com for an AppConfig outage',
    restart,
  ];
}
