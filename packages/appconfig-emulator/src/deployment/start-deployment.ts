import { AwsError } from '../protocol/aws-error.ts';
import { validateContent } from '../resources/create-version.ts';
import { notFound, profileAt, strategyAt } from '../store/lookup.ts';
import type { ConfigurationProfile, Deployment, Environment, HostedVersion, Store } from '../store/store.ts';
import { isInProgress } from './deployment-progress.ts';

/** The parameters of `StartDeployment`, in AWS's names. */
export interface StartDeploymentInput {
  readonly DeploymentStrategyId: string;
  readonly ConfigurationProfileId: string;
  /** A version number or label. */
  readonly ConfigurationVersion: string;
  readonly Description?: string | undefined;
  readonly LatestDeploymentNumber?: number | undefined;
}

/**
 * Starts a deployment.
 * @throws {AwsError} ConflictException when the environment has a deployment in progress, of *any* profile, or the lock
 * does not match; BadRequestException when a validator rejects the content.
 */
export function startDeployment(
  store: Store,
  applicationId: string,
  environment: Environment,
  input: StartDeploymentInput,
): Deployment {
  const strategy = strategyAt(store, { strategyId: input.DeploymentStrategyId });
  const profile = profileAt(store, { applicationId, profileId: input.ConfigurationProfileId });
  const version = findVersion(profile, input.ConfigurationVersion);
  const number = environment.deployments.length + 1;
  const busy = environment.deployments.find((deployment) => isInProgress(deployment, store.now()));
  if (busy !== undefined) {
    throw new AwsError(
      'ConflictException',
      `deployment ${busy.number} is in progress in the environment: wait until it has completed, baking included, or stop it`,
    );
  }
  if (input.LatestDeploymentNumber !== undefined && input.LatestDeploymentNumber !== number - 1) {
    throw new AwsError(
      'ConflictException',
      `the latest deployment number is ${number - 1}, not ${input.LatestDeploymentNumber}`,
    );
  }
  validateContent(profile, version.content);
  const { growthType, growthFactor, durationMinutes, bakeMinutes } = strategy;
  const deployment: Deployment = {
    number,
    profileId: profile.id,
    strategyId: strategy.id,
    configurationName: profile.name,
    version,
    description: input.Description,
    growthType,
    growthFactor,
    durationMinutes,
    bakeMinutes,
    startedAtMs: store.now(),
    stop: null,
  };
  environment.deployments.push(deployment);
  if (environment.monitors.some(({ AlarmArn }) => store.alarms.has(AlarmArn)))
    deployment.stop = { atMs: store.now(), triggeredBy: 'CLOUDWATCH_ALARM', outcome: 'ROLLED_BACK' };
  return deployment;
}

function findVersion(profile: ConfigurationProfile, asked: string): HostedVersion {
  const byNumber = /^\d{1,9}$/.test(asked) ? profile.versions.get(Number(asked)) : undefined;
  const version = byNumber ?? [...profile.versions.values()].find(({ label }) => label === asked);
  return version ?? notFound('HostedConfigurationVersion', asked);
}
