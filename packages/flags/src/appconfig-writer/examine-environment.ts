import {
  AppConfigClient,
  GetDeploymentCommand,
  GetEnvironmentCommand,
  GetHostedConfigurationVersionCommand,
  paginateListApplications,
  paginateListConfigurationProfiles,
  paginateListDeployments,
  paginateListEnvironments,
  paginateListHostedConfigurationVersions,
} from '@aws-sdk/client-appconfig';
import { awsClientConfig } from '../appconfig/aws-client-config.ts';
import { isCredentialsFailure, statusOf } from '../appconfig/aws-failure.ts';
import { checkOptions } from '../polling/check-options.ts';
import { pickNamed } from './appconfig-location.ts';
import type { AppConfigWriterOptions } from './appconfig-writer.ts';
import { callControlPlane } from './call-control-plane.ts';
import { searchStrategy } from './deployment-strategy.ts';

/** What an environment has that could hold up, or undo, a rollback. `null`: AWS denies to tell. */
export interface AppConfigEnvironment {
  /** The IAM actions for reading that AWS allows, and those that it denies. */
  readonly reads: { readonly allowed: readonly string[]; readonly denied: readonly string[] };
  /** The IAM actions that a move needs for writing: AWS has no way to try them without writing. */
  readonly writes: readonly string[];
  /** The ARNs of the CloudWatch alarms that it monitors: in ALARM each takes every deployment back. */
  readonly alarms: readonly string[] | null;
  /** Other profiles that are deployed there: one deployment at a time blocks the environment for all of them. */
  readonly otherProfiles: readonly string[] | null;
  /** Whether the account has a deployment strategy without growth and baking. */
  readonly hasStrategy: boolean | null;
}

/**
 * Reads what could hold up, or undo, a rollback, with one request for each action that a move reads with.
 * @throws {@link ConfigError} when the location does not exist.
 * @throws {@link UnavailableError} when AppConfig cannot be reached, or the credentials are missing.
 */
export async function examineAppConfig(options: AppConfigWriterOptions): Promise<AppConfigEnvironment> {
  checkOptions('AppConfig location', options);
  const { timeoutMs = 5000 } = options;
  const client = new AppConfigClient({ ...awsClientConfig({ ...options, timeoutMs }), ...options.clientConfig });
  try {
    return await examine(client, options);
  } finally {
    client.destroy();
  }
}

async function examine(client: AppConfigClient, options: AppConfigWriterOptions): Promise<AppConfigEnvironment> {
  const { attempt, reads } = createTrial();
  const page = { pageSize: 50 };
  const [applications, hasStrategy] = await Promise.all([
    attempt('ListApplications', () => collect(paginateListApplications({ client, ...page }, {}))),
    attempt('ListDeploymentStrategies', async () => (await searchStrategy(client)) !== undefined),
  ]);
  const writes = ['CreateHostedConfigurationVersion', 'StartDeployment', 'StopDeployment'].map(iam);
  if (hasStrategy !== true) writes.push(iam('CreateDeploymentStrategy'));
  const ApplicationId = idOf('application', options.application, applications);
  if (ApplicationId === undefined)
    return { reads: reads(), writes, alarms: null, otherProfiles: null, hasStrategy: hasStrategy ?? null };

  const [environments, profiles] = await Promise.all([
    attempt('ListEnvironments', () => collect(paginateListEnvironments({ client, ...page }, { ApplicationId }))),
    attempt('ListConfigurationProfiles', () =>
      collect(paginateListConfigurationProfiles({ client, ...page }, { ApplicationId })),
    ),
  ]);
  const EnvironmentId = idOf('environment', options.environment, environments);
  const ConfigurationProfileId = idOf('profile', options.profile, profiles);
  const [alarms, deployed] = await Promise.all([
    EnvironmentId === undefined ? undefined : readEnvironment({ ApplicationId, EnvironmentId }),
    EnvironmentId === undefined ? undefined : readDeployed({ ApplicationId, EnvironmentId }),
    ConfigurationProfileId === undefined ? undefined : readVersions({ ApplicationId, ConfigurationProfileId }),
  ]);
  return {
    reads: reads(),
    writes,
    alarms: alarms ?? null,
    otherProfiles:
      deployed === undefined || ConfigurationProfileId === undefined
        ? null
        : deployed
            .filter((id) => id !== ConfigurationProfileId)
            .map((id) => profiles?.find(({ Id }) => Id === id)?.Name ?? id),
    hasStrategy: hasStrategy ?? null,
  };

  async function readEnvironment(place: { readonly ApplicationId: string; readonly EnvironmentId: string }) {
    const found = await attempt('GetEnvironment', () => client.send(new GetEnvironmentCommand(place)));
    return found && (found.Monitors ?? []).flatMap(({ AlarmArn }) => AlarmArn ?? []);
  }

  async function readDeployed(place: { readonly ApplicationId: string; readonly EnvironmentId: string }) {
    const deployments = await attempt('ListDeployments', () =>
      collect(paginateListDeployments({ client, ...page }, place)),
    );
    const DeploymentNumber = deployments?.[0]?.DeploymentNumber;
    if (DeploymentNumber !== undefined)
      await attempt('GetDeployment', () => client.send(new GetDeploymentCommand({ ...place, DeploymentNumber })));
    return deployments && [...new Set(deployments.flatMap(({ ConfigurationProfileId: id }) => id ?? []))];
  }

  async function readVersions(profile: { readonly ApplicationId: string; readonly ConfigurationProfileId: string }) {
    const versions = await attempt('ListHostedConfigurationVersions', () =>
      collect(paginateListHostedConfigurationVersions({ client, ...page }, profile)),
    );
    const VersionNumber = versions?.[0]?.VersionNumber;
    if (VersionNumber !== undefined)
      await attempt('GetHostedConfigurationVersion', () =>
        client.send(new GetHostedConfigurationVersionCommand({ ...profile, VersionNumber })),
      );
  }
}

function iam(action: string): string {
  return `appconfig:${action}`;
}

/** Runs requests, one for each action, and remembers which of them AWS denies. */
function createTrial() {
  const allowed: string[] = [];
  const denied: string[] = [];
  return {
    async attempt<Result>(action: string, call: () => Promise<Result>): Promise<Result | undefined> {
      try {
        const result = await call();
        allowed.push(iam(action));
        return result;
      } catch (error) {
        if (statusOf(error) !== 403 || isCredentialsFailure(error))
          return await callControlPlane(`respond to ${action}`, () => Promise.reject(error));
        denied.push(iam(action));
        return undefined;
      }
    },
    reads: () => ({ allowed: [...allowed].sort(), denied: [...denied].sort() }),
  };
}

async function collect<Item>(pages: AsyncIterable<{ readonly Items?: Item[] | undefined }>): Promise<readonly Item[]> {
  const items: Item[] = [];
  for await (const { Items = [] } of pages) items.push(...Items);
  return items;
}

/** `undefined` where AWS denied the list. @throws {@link ConfigError} when it holds none of that name. */
function idOf(
  setting: string,
  wanted: string,
  items: readonly { readonly Id?: string | undefined; readonly Name?: string | undefined }[] | undefined,
): string | undefined {
  return items && pickNamed(setting, wanted, items).id;
}
