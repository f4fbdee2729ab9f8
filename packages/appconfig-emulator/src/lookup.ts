import { AwsError } from './aws-error.ts';
import type { Deployment } from './deployment.ts';
import type { DeploymentStrategy } from './deployment-strategy.ts';
import type { HostedVersion } from './hosted-version.ts';
import type { Application, ConfigurationProfile, Environment, Store } from './store.ts';

/** The path parameters of the control plane. */
export interface ControlPath {
  readonly applicationId: string;
  readonly environmentId: string;
  readonly profileId: string;
  readonly strategyId: string;
  readonly number: string;
}

/** @throws {AwsError} ResourceNotFoundException, as every look-up here. The control plane knows ids only, never names. */
export function applicationAt(store: Store, { applicationId }: Pick<ControlPath, 'applicationId'>): Application {
  return store.applications.get(applicationId) ?? notFound('Application', applicationId);
}

export function environmentAt(store: Store, path: Pick<ControlPath, 'applicationId' | 'environmentId'>): Environment {
  return applicationAt(store, path).environments.get(path.environmentId) ?? notFound('Environment', path.environmentId);
}

export function profileAt(store: Store, path: Pick<ControlPath, 'applicationId' | 'profileId'>): ConfigurationProfile {
  return applicationAt(store, path).profiles.get(path.profileId) ?? notFound('ConfigurationProfile', path.profileId);
}

export function strategyAt(store: Store, { strategyId }: Pick<ControlPath, 'strategyId'>): DeploymentStrategy {
  return store.strategies.get(strategyId) ?? notFound('DeploymentStrategy', strategyId);
}

export function versionAt(profile: ConfigurationProfile, { number }: Pick<ControlPath, 'number'>): HostedVersion {
  return profile.versions.get(Number(number)) ?? notFound('HostedConfigurationVersion', number);
}

export function deploymentAt(environment: Environment, { number }: Pick<ControlPath, 'number'>): Deployment {
  return environment.deployments[Number(number) - 1] ?? notFound('Deployment', number);
}

export function notFound(resourceName: string, id: string): never {
  throw new AwsError('ResourceNotFoundException', `${resourceName} not found for id ${id}`, {
    ResourceName: resourceName,
  });
}
