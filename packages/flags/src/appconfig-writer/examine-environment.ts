import {
  AppConfigClient,
  GetEnvironmentCommand,
  paginateListConfigurationProfiles,
  paginateListDeployments,
} from '@aws-sdk/client-appconfig';
import { awsClientConfig } from '../appconfig/aws-client-config.ts';
import { checkOptions } from '../polling/check-options.ts';
import { resolveLocation } from './appconfig-location.ts';
import type { AppConfigWriterOptions } from './appconfig-writer.ts';
import { callControlPlane } from './call-control-plane.ts';
import { lookUpStrategy } from './deployment-strategy.ts';

/** What an environment has that could hold up, or undo, a rollback. */
export interface AppConfigEnvironment {
  /** The ARNs of the CloudWatch alarms that it monitors: in ALARM each takes every deployment back. */
  readonly alarms: readonly string[];
  /** Other profiles that are deployed there: one deployment at a time blocks the environment for all of them. */
  readonly otherProfiles: readonly string[];
  /** Whether the account has a deployment strategy without growth and baking. */
  readonly hasStrategy: boolean;
}

/**
 * Reads what could hold up, or undo, a rollback. Needs `appconfig:GetEnvironment`, and to list applications, environments,
 * profiles, deployments and deployment strategies.
 * @throws {@link ConfigError} when the location does not exist or AWS refuses the request, and names the action.
 * @throws {@link UnavailableError} when AppConfig cannot be reached.
 */
export async function examineAppConfig(options: AppConfigWriterOptions): Promise<AppConfigEnvironment> {
  checkOptions('AppConfig location', options);
  const { timeoutMs = 5000 } = options;
  const client = new AppConfigClient({ ...awsClientConfig({ ...options, timeoutMs }), ...options.clientConfig });
  try {
    const { ApplicationId, EnvironmentId, ConfigurationProfileId } = await resolveLocation(client, options);
    const place = { ApplicationId, EnvironmentId };
    const environment = await callControlPlane('describe the environment', () =>
      client.send(new GetEnvironmentCommand(place)),
    );
    const deployed = await callControlPlane('list the deployments', async () => {
      const ids = new Set<string>();
      for await (const { Items = [] } of paginateListDeployments({ client }, place))
        for (const { ConfigurationProfileId: id } of Items) if (id !== undefined) ids.add(id);
      return ids;
    });
    deployed.delete(ConfigurationProfileId);
    return {
      alarms: (environment.Monitors ?? []).flatMap(({ AlarmArn }) => AlarmArn ?? []),
      otherProfiles: deployed.size === 0 ? [] : await namesOf(client, ApplicationId, deployed),
      hasStrategy: (await lookUpStrategy(client)) !== undefined,
    };
  } finally {
    client.destroy();
  }
}

async function namesOf(
  client: AppConfigClient,
  ApplicationId: string,
  ids: ReadonlySet<string>,
): Promise<readonly string[]> {
  return callControlPlane('list the profiles', async () => {
    const names: string[] = [];
    for await (const { Items = [] } of paginateListConfigurationProfiles({ client }, { ApplicationId }))
      for (const { Id, Name } of Items) if (Id !== undefined && ids.has(Id)) names.push(Name ?? Id);
    return names;
  });
}
