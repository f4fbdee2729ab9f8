import {
  AppConfigClient,
  CreateApplicationCommand,
  CreateConfigurationProfileCommand,
  CreateEnvironmentCommand,
  paginateListApplications,
  paginateListConfigurationProfiles,
  paginateListEnvironments,
} from '@aws-sdk/client-appconfig';
import { ConfigError, UnavailableError } from '@crossfade/core';
import { awsClientConfig } from '../appconfig/aws-client-config.ts';
import { checkOptions } from '../polling/check-options.ts';
import type { AppConfigWriterOptions } from './appconfig-writer.ts';
import { callControlPlane } from './call-control-plane.ts';
import { ensureStrategy } from './deployment-strategy.ts';

/** Something that a flag document needs in AppConfig, made now or found. */
export interface ProvisionedResource {
  readonly kind: 'application' | 'environment' | 'profile' | 'deployment strategy';
  readonly name: string;
  readonly id: string;
  readonly isNew: boolean;
}

const Description = 'Created by crossfade init.';
const FEATURE_FLAGS = 'AWS.AppConfig.FeatureFlags';

/**
 * Creates the application, the environment, the feature-flag profile and the deployment strategy of a location, as far as they
 * are missing. Names only: an id cannot be created. Can be repeated.
 * @param onResource called for each one as soon as it exists, so that a caller can say what is there after a failure.
 * @throws {@link ConfigError} when a name is not unique, the profile holds something else, or AWS refuses the request.
 * @throws {@link UnavailableError} when AppConfig cannot be reached.
 */
export async function provisionAppConfig(
  options: AppConfigWriterOptions,
  onResource: (resource: ProvisionedResource) => void,
): Promise<void> {
  checkOptions('AppConfig location', options);
  const { application, environment, profile, timeoutMs = 5000 } = options;
  const config = { ...awsClientConfig({ ...options, timeoutMs }), ...options.clientConfig };
  const client = new AppConfigClient(config);
  // A retry after a lost response would create a second one of the same name.
  const writer = new AppConfigClient({ ...config, maxAttempts: 1 });
  try {
    const ApplicationId = await ensure('application', application, onResource, {
      list: paginateListApplications({ client }, {}),
      create: () => writer.send(new CreateApplicationCommand({ Name: application, Description })),
    });
    await ensure('environment', environment, onResource, {
      list: paginateListEnvironments({ client }, { ApplicationId }),
      create: () => writer.send(new CreateEnvironmentCommand({ ApplicationId, Name: environment, Description })),
    });
    await ensure('profile', profile, onResource, {
      list: paginateListConfigurationProfiles({ client }, { ApplicationId }),
      create: () =>
        writer.send(
          new CreateConfigurationProfileCommand({
            ApplicationId,
            Name: profile,
            LocationUri: 'hosted',
            Type: FEATURE_FLAGS,
            Description,
          }),
        ),
    });
    onResource({ kind: 'deployment strategy', ...(await ensureStrategy(writer)) });
  } finally {
    client.destroy();
    writer.destroy();
  }
}

interface Listed {
  readonly Id?: string | undefined;
  readonly Name?: string | undefined;
  readonly Type?: string | undefined;
  readonly LocationUri?: string | undefined;
}

async function ensure(
  kind: 'application' | 'environment' | 'profile',
  name: string,
  onResource: (resource: ProvisionedResource) => void,
  calls: {
    readonly list: AsyncIterable<{ readonly Items?: Listed[] | undefined }>;
    readonly create: () => Promise<Listed>;
  },
): Promise<string> {
  const named = await callControlPlane(`list the ${kind}s`, async () => {
    const found: Listed[] = [];
    for await (const { Items = [] } of calls.list) {
      found.push(...Items.filter(({ Id, Name }) => Id === name || Name === name));
    }
    return found;
  });
  if (named.length > 1) throw problem(kind, `AppConfig has several named "${name}": use the id`);
  const [existing] = named;
  if (
    kind === 'profile' &&
    existing !== undefined &&
    (existing.Type !== FEATURE_FLAGS || existing.LocationUri !== 'hosted')
  )
    throw problem(
      kind,
      `"${name}" exists, and is no feature-flag profile in the AppConfig hosted store: choose another name`,
    );
  const { Id } = existing ?? (await callControlPlane(`create the ${kind} ${name}`, calls.create));
  if (Id === undefined) throw new UnavailableError(`AppConfig's response lacks the id of the ${kind}`);
  onResource({ kind, name, id: Id, isNew: existing === undefined });
  return Id;
}

function problem(kind: string, message: string): ConfigError {
  return new ConfigError('AppConfig', [{ path: `flags.${kind}`, message }]);
}
