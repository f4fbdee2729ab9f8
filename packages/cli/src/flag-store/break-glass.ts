import { ACCEPT_LEGACY_FLAG, ISSUE_TARGET_FLAG, type MigrationPlan } from '@crossfade/core';

/** What an operator can do by hand to roll back when Crossfade can't reach the flag store, step by step. */
export function breakGlass({ flags }: Pick<MigrationPlan, 'flags'>): readonly string[] {
  const goal = `the goal: "${ISSUE_TARGET_FLAG}" is { "enabled": false }; leave "${ACCEPT_LEGACY_FLAG}" as it is, unless it is off: then switch it on first`;
  const restart =
    'a login service that starts without any flag document asks for legacy: as a last resort, restart it without its cached document';
  if (flags.source === 'file') {
    return [
      goal,
      `edit ${flags.path} on the machine that has it, or deliver a new one the way it is deployed`,
      restart,
    ];
  }
  const where = `application ${flags.application}, environment ${flags.environment}, profile ${flags.profile}`;
  return [
    goal,
    `in AWS AppConfig: ${where}`,
    'stop what is being deployed: aws appconfig stop-deployment --application-id <id> --environment-id <id> --deployment-number <n>',
    'deploy a version that is all legacy: aws appconfig start-deployment --application-id <id> --environment-id <id> --configuration-profile-id <id> --configuration-version <n> --deployment-strategy-id AppConfig.AllAtOnce',
    'or do both in the AWS console; https://health.aws.amazon.com tells whether AppConfig itself is down',
    restart,
  ];
}
