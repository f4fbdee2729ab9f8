import { AwsError } from '../protocol/aws-error.ts';
import type { DeploymentStrategy } from './deployment-strategy.ts';
import type { Application, ConfigurationProfile, Deployment, Environment, HostedVersion, Store } from './store.ts';

/** The patterns of the API reference. */
const ID = /^[a-z0-9]{4,7}$/;
const STRATEGY_ID = /^([a-z0-9]{4,7}|AppConfig\.[A-Za-z0-9]{9,40})$/;

/** The path parameters of the control plane. */
export interface ControlPath {
  readonly applicationId: string;
  readonly environmentId: string;
  readonly profileId: string;
  readonly strategyId: string;
  readonly number: string;
}

/**
 * Looks an application up by id: the control plane takes ids only, not names.
 * @throws {AwsError} ResourceNotFoundException, or BadRequestException when the id is malformed, as every look-up here.
 */
export function applicationAt(store: Store, { applicationId }: Pick<ControlPath, 'applicationId'>): Application {
  checkId('ApplicationId', applicationId);
  return store.applications.get(applicationId) ?? notFound('Application', applicationId);
}

export function environmentAt(store: Store, path: Pick<ControlPath, 'applicationId' | 'environmentId'>): Environment {
  const application = applicationAt(store, path);
  checkId('EnvironmentId', path.environmentId);
  return application.environments.get(path.environmentId) ?? notFound('Environment', path.environmentId);
}

export function profileAt(store: Store, path: Pick<ControlPath, 'applicationId' | 'profileId'>): ConfigurationProfile {
  const application = applicationAt(store, path);
  checkId('ConfigurationProfileId', path.profileId);
  return application.profiles.get(path.profileId) ?? notFound('ConfigurationProfile', path.profileId);
}

export function strategyAt(store: Store, { strategyId }: Pick<ControlPath, 'strategyId'>): DeploymentStrategy {
  if (!STRATEGY_ID.test(strategyId)) throw malformed('DeploymentStrategyId', STRATEGY_ID);
  return store.strategies.get(strategyId) ?? notFound('DeploymentStrategy', strategyId);
}

export function versionAt(profile: ConfigurationProfile, { number }: Pick<ControlPath, 'number'>): HostedVersion {
  checkNumber('VersionNumber', number);
  return profile.versions.get(Number(number)) ?? notFound('HostedConfigurationVersion', number);
}

export function deploymentAt(environment: Environment, { number }: Pick<ControlPath, 'number'>): Deployment {
  checkNumber('DeploymentNumber', number);
  return environment.deployments[Number(number) - 1] ?? notFound('Deployment', number);
}

function checkId(member: string, id: string): void {
  if (!ID.test(id)) throw malformed(member, ID);
}

function checkNumber(member: string, number: string): void {
  if (!/^\d{1,9}$/.test(number)) throw new AwsError('BadRequestException', `${member}: must be a whole number`);
}

function malformed(member: string, pattern: RegExp): AwsError {
  return new AwsError('BadRequestException', `${member}: must match the pattern ${pattern.source}`);
}

export function notFound(resourceName: string, id: string): never {
  throw new AwsError('ResourceNotFoundException', `${resourceName} not found for id ${id}`, {
    ResourceName: resourceName,
  });
}
