import {
  type AppConfigClient,
  paginateListApplications,
  paginateListConfigurationProfiles,
  paginateListEnvironments,
} from '@aws-sdk/client-appconfig';
import { type AppConfigLocation, ConfigError, type Problem } from '@crossfade/core';
import { callControlPlane } from './call-control-plane.ts';

/** A location by id: the control plane, unlike the data plane, accepts no names. */
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
 * Finds the ids of an application, an environment and a profile, each given by name or id.
 * @throws {@link ConfigError} when one does not exist, its name is not unique, or the profile does not hold feature
 * flags in AppConfig's hosted store.
 */
export async function resolveLocation(client: AppConfigClient, location: AppConfigLocation): Promise<AppConfigIds> {
  const { application, environment, profile } = location;
  const applications = await listAll('list its applications', paginateListApplications({ client }, {}));
  const { id: ApplicationId } = pickNamed('application', application, applications);
  const environments = await listAll('list the environments', paginateListEnvironments({ client }, { ApplicationId }));
  const { id: EnvironmentId } = pickNamed('environment', environment, environments);
  const profiles = await listAll('list the profiles', paginateListConfigurationProfiles({ client }, { ApplicationId }));
  const found = pickNamed('profile', profile, profiles);
  if (found.item.Type !== 'AWS.AppConfig.FeatureFlags' || found.item.LocationUri !== 'hosted') {
    throw problem({ path: 'flags.profile', message: 'must be a feature-flag profile in the AppConfig hosted store' });
  }
  return { ApplicationId, EnvironmentId, ConfigurationProfileId: found.id };
}

async function listAll<T>(
  action: string,
  pages: AsyncIterable<{ readonly Items?: T[] | undefined }>,
): Promise<readonly T[]> {
  return callControlPlane(action, async () => {
    const items: T[] = [];
    for await (const { Items = [] } of pages) items.push(...Items);
    return items;
  });
}

/** Finds a resource by id, else by name. @throws {@link ConfigError} when there is none, or several of that name. */
export function pickNamed<T extends Named>(
  setting: string,
  wanted: string,
  items: readonly T[],
): { readonly id: string; readonly item: T } {
  const byId = items.filter(({ Id }) => Id === wanted);
  const [item, another] = byId.length > 0 ? byId : items.filter(({ Name }) => Name === wanted);
  const path = `flags.${setting}`;
  if (item?.Id === undefined) throw problem({ path, message: `AppConfig has no ${setting} "${wanted}"` });
  if (another !== undefined) throw problem({ path, message: `AppConfig has several named "${wanted}": use the id` });
  return { id: item.Id, item };
}

function problem(of: Problem): ConfigError {
  return new ConfigError('plan', [of]);
}
