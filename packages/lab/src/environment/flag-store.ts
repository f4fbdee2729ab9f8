import {
  AppConfigClient,
  CreateApplicationCommand,
  CreateConfigurationProfileCommand,
  CreateDeploymentStrategyCommand,
  CreateEnvironmentCommand,
  CreateHostedConfigurationVersionCommand,
  GetHostedConfigurationVersionCommand,
  ListHostedConfigurationVersionsCommand,
  StartDeploymentCommand,
} from '@aws-sdk/client-appconfig';
import { createEmulator } from '@crossfade/appconfig-emulator';
import { FLAG_LOCATION, REGION } from './rehearsal-plan.ts';

/** A flag that opens the new dashboard: to those with the role `beta-tester`, or to everyone. */
export type FeatureFlag = 'new-dashboard-beta' | 'new-dashboard-public';

/** The AWS AppConfig of the rehearsal. */
export interface FlagStore {
  readonly endpoint: string;
  /** Switches a feature flag, as a team does that knows nothing of the migration; readers follow at their next poll. */
  setFeature(flag: FeatureFlag, enabled: 'on' | 'off'): Promise<void>;
  /** Makes both planes return 503 until {@link FlagStore.recover}. */
  fail(): void;
  recover(): void;
  close(): Promise<void>;
}

interface FlagDocument {
  readonly version: string;
  readonly flags: Readonly<Record<string, unknown>>;
  readonly values: Readonly<Record<string, unknown>>;
}

interface Ids {
  readonly ApplicationId: string | undefined;
  readonly EnvironmentId: string | undefined;
  readonly ConfigurationProfileId: string | undefined;
  readonly DeploymentStrategyId: string | undefined;
}

/** The flags as infrastructure code creates them: all logins legacy, both audiences accepted, the new dashboard hidden. */
const FIRST_FLAGS: FlagDocument = {
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
    'new-dashboard-beta': { name: 'new-dashboard-beta' },
    'new-dashboard-public': { name: 'new-dashboard-public' },
  },
  values: {
    'issue-target': { enabled: false },
    'accept-legacy': { enabled: true },
    'new-dashboard-beta': { enabled: false },
    'new-dashboard-public': { enabled: false },
  },
};

/**
 * Starts an AppConfig on loopback and provisions it through the AWS SDK, as infrastructure code would: application,
 * environment, profile, an all-at-once deployment strategy, and the first version.
 */
export async function startFlagStore(options: { readonly pollIntervalSeconds: number }): Promise<FlagStore> {
  const emulator = createEmulator(options);
  const { url: endpoint } = await emulator.listen();
  const credentials = { accessKeyId: 'rehearsal', secretAccessKey: 'rehearsal' };
  const client = new AppConfigClient({ endpoint, region: REGION, credentials });
  const ids = await provision(client);
  await deploy(client, ids, FIRST_FLAGS);
  return {
    endpoint,
    async setFeature(flag, enabled) {
      const { document, version } = await latest(client, ids);
      const values = { ...document.values, [flag]: { enabled: enabled === 'on' } };
      await deploy(client, ids, { ...document, values }, version);
    },
    fail: () => emulator.faults.set({ kind: 'error', status: 503 }),
    recover: () => emulator.faults.clear(),
    async close() {
      client.destroy();
      await emulator.close();
    },
  };
}

async function provision(client: AppConfigClient): Promise<Ids> {
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
  return { ApplicationId, EnvironmentId, ConfigurationProfileId, DeploymentStrategyId };
}

/** @param replaces the version that the document was read from: fails if there is another one by now. */
async function deploy(client: AppConfigClient, ids: Ids, document: FlagDocument, replaces?: number): Promise<void> {
  const { ApplicationId, ConfigurationProfileId } = ids;
  const { VersionNumber } = await client.send(
    new CreateHostedConfigurationVersionCommand({
      ApplicationId,
      ConfigurationProfileId,
      Content: new TextEncoder().encode(JSON.stringify(document)),
      ContentType: 'application/json',
      ...(replaces !== undefined && { LatestVersionNumber: replaces }),
    }),
  );
  await client.send(new StartDeploymentCommand({ ...ids, ConfigurationVersion: String(VersionNumber) }));
}

async function latest(client: AppConfigClient, { ApplicationId, ConfigurationProfileId }: Ids) {
  const profile = { ApplicationId, ConfigurationProfileId };
  const { Items = [] } = await client.send(new ListHostedConfigurationVersionsCommand(profile));
  const version = Math.max(...Items.map(({ VersionNumber = 0 }) => VersionNumber));
  const { Content } = await client.send(
    new GetHostedConfigurationVersionCommand({ ...profile, VersionNumber: version }),
  );
  return { document: JSON.parse(new TextDecoder().decode(Content)) as FlagDocument, version };
}
