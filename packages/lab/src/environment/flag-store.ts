import {
  AppConfigClient,
  CreateApplicationCommand,
  CreateConfigurationProfileCommand,
  CreateDeploymentStrategyCommand,
  CreateEnvironmentCommand,
  CreateHostedConfigurationVersionCommand,
  StartDeploymentCommand,
} from '@aws-sdk/client-appconfig';
import { createEmulator } from '@crossfade/appconfig-emulator';
import { FLAG_LOCATION, REGION } from './rehearsal-plan.ts';

/** The AWS AppConfig of the rehearsal. */
export interface FlagStore {
  readonly endpoint: string;
  /** Makes both planes return 503 until {@link FlagStore.recover}. */
  fail(): void;
  recover(): void;
  close(): Promise<void>;
}

/** The flags as infrastructure code creates them: all logins legacy, both audiences accepted. */
const FIRST_FLAGS = {
  version: '1',
  flags: {
    'issue-target': {
      name: 'issue-target',
      attributes: {
        percent: { constraints: { type: 'number', minimum: 0, maximum: 100 } },
        revision: { constraints: { type: 'string' } },
        since: { constraints: { type: 'string' } },
      },
    },
    'accept-legacy': { name: 'accept-legacy', attributes: { since: { constraints: { type: 'string' } } } },
  },
  values: { 'issue-target': { enabled: false }, 'accept-legacy': { enabled: true } },
};

/**
 * Starts an AppConfig on loopback and provisions it through the AWS SDK, as infrastructure code would: application,
 * environment, profile, an all-at-once deployment strategy, and the first version.
 */
export async function startFlagStore(options: { readonly pollIntervalSeconds: number }): Promise<FlagStore> {
  const emulator = createEmulator(options);
  const { url: endpoint } = await emulator.listen();
  await provision(endpoint);
  return {
    endpoint,
    fail: () => emulator.faults.set({ kind: 'error', status: 503 }),
    recover: () => emulator.faults.clear(),
    close: () => emulator.close(),
  };
}

async function provision(endpoint: string): Promise<void> {
  const credentials = { accessKeyId: 'rehearsal', secretAccessKey: 'rehearsal' };
  const client = new AppConfigClient({ endpoint, region: REGION, credentials });
  try {
    const { Id: ApplicationId } = await client.send(new CreateApplicationCommand({ Name: FLAG_LOCATION.application }));
    const { Id: EnvironmentId } = await client.send(
      new CreateEnvironmentCommand({ ApplicationId, Name: FLAG_LOCATION.environment }),
    );
    const { Id: ConfigurationProfileId } = await client.send(
      new CreateConfigurationProfileCommand({
        ApplicationId,
        Name: FLAG_LOCATION.profile,
        LocationUri: 'hosted',
        Type: 'AWS.AppConfig.FeatureFlags',
      }),
    );
    const { Id: DeploymentStrategyId } = await client.send(
      new CreateDeploymentStrategyCommand({
        Name: 'crossfade-all-at-once',
        DeploymentDurationInMinutes: 0,
        GrowthFactor: 100,
        FinalBakeTimeInMinutes: 0,
        ReplicateTo: 'NONE',
      }),
    );
    const { VersionNumber } = await client.send(
      new CreateHostedConfigurationVersionCommand({
        ApplicationId,
        ConfigurationProfileId,
        Content: new TextEncoder().encode(JSON.stringify(FIRST_FLAGS)),
        ContentType: 'application/json',
      }),
    );
    const ids = { ApplicationId, EnvironmentId, ConfigurationProfileId, DeploymentStrategyId };
    await client.send(new StartDeploymentCommand({ ...ids, ConfigurationVersion: String(VersionNumber) }));
  } finally {
    client.destroy();
  }
}
