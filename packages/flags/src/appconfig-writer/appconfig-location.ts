import {
  type AppConfigClient,
  paginateListApplications,
  paginateListConfigurationProfiles,
  paginateListEnvironments,
} from '@aws-sdk/client-appconfig';
import { type AppConfigLocation, ConfigError, type Problem } from '@crossfade/core';
import { callControlPlane } from './control-plane-call.ts';

/** A location by id: the control plane, unlike the data plane, takes no names. */
export interface AppConfigIds {
  readonly ApplicationId: string;
  readonly EnvironmentId: string;
  readonly ConfigurationProfileId: string;
}

interface Named {
  readonly Id?: string | undefined;
  readonly Name?: string | undefined;
}

/**
 * Finds the ids of an application, an environment and a profile that are given by name or by id.
 * @throws {@link ConfigError} when one does not exist, its name is not unique, or the profile does not hold feature
 * flags in AppConfig's own store.
 */
export async function resolveLocation(client: AppConfigClient, location: AppConfigLocation): Promise<AppConfigIds> {
  const { application, environment, profile } = location;
  const applications = await all('list its applications', paginateListApplications({ client }, {}));
  const { id: ApplicationId } = pick('application', application, applications);
  const environments = await all('list the environments', paginateListEnvironments({ client }, { ApplicationId }));
  const { id: EnvironmentId } = pick('environment', environment, environments);
  const profiles = await all('list the profiles', paginateListConfigurationProfiles({ client }, { ApplicationId }));
  const found = pick('profile', profile, profiles);
  if (found.item.Type !== 'AWS.AppConfig.FeatureFlags' || found.item.LocationUri !== 'hosted') {
    throw problem({ path: 'flags.profile', message: 'must be a profile of feature flags in the hosted store' });
  }
  return { ApplicationId, EnvironmentId, ConfigurationProfileId: found.id };
}

async function all<T>(
  action: string,
  pages: AsyncIterable<{ readonly Items?: T[] | undefined }>,
): Promise<readonly T[]> {
  return callControlPlane(action, async () => {
    const items: T[] = [];
    for await (const { Items = [] } of pages) items.push(...Items);
    return items;
  });
}

function pick<T extends Named>(
  setting: string,
  wanted: string,
  items: readonly T[],
): { readonly id: string; readonly item: T } {
  const byId = items.filter(({ Id }) => Id === wanted);
  const [item, another] = byId.length > 0 ? byId : items.filter(({ Name }) => Name === wanted);
  const path = `flags.${setting}`;
  if (item?.Id === undefined) throw problem({ path, message: `AppConfig has no ${setting} "${wanted}"` });
  if (another !== undefined) throw problem({ path, message: `several are named "${wanted}": use the id` });
  return { id: item.Id, item };
}

function problem(of: Problem): ConfigError {
  return new ConfigError('plan', [of]);
}
