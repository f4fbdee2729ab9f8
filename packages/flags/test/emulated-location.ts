import {
  AppConfigClient,
  CreateHostedConfigurationVersionCommand,
  StartDeploymentCommand,
} from '@aws-sdk/client-appconfig';
import { createEmulator, type Emulator, type SeededDeployment } from '@crossfade/appconfig-emulator';
import { onTestFinished } from 'vitest';

export const LOCATION = { application: 'orders', environment: 'prod', profile: 'crossfade' };

const TEXT = { constraints: { type: 'string' } };
const ATTRIBUTES = { percent: { constraints: { type: 'number' } }, revision: TEXT, since: TEXT };

/** Hosted content with the two switches, an attribute a value. */
export function hostedContent(values: Readonly<Record<string, object>>): string {
  const flags = Object.keys(values).map((name) => [name, { name, attributes: ATTRIBUTES }]);
  return JSON.stringify({ version: '1', flags: Object.fromEntries(flags), values });
}

/** Somebody else at work in the same environment, with the AWS SDK. */
export interface Colleague {
  storeVersion(content: string): Promise<number>;
  /** Deploys with a predefined strategy that bakes for ten minutes. */
  deploy(versionNumber: number, description: string): Promise<number>;
}

/** An emulated AppConfig with flags in it: `issue-target` at 25 %, revision 7. */
export async function emulateLocation(): Promise<{
  readonly emulator: Emulator;
  readonly url: string;
  readonly seeded: SeededDeployment;
  readonly colleague: Colleague;
}> {
  const emulator = createEmulator({ pollIntervalSeconds: 1 });
  const { url } = await emulator.listen();
  onTestFinished(() => emulator.close());
  const content = hostedContent({
    'issue-target': { enabled: true, percent: 25, revision: '7' },
    'dash-beta': { enabled: true },
  });
  const seeded = emulator.seed({ ...LOCATION, content });
  return { emulator, url, seeded, colleague: createColleague(url, seeded) };
}

export function createColleague(
  endpoint: string,
  { applicationId, environmentId, configurationProfileId }: SeededDeployment,
): Colleague {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new AppConfigClient({ endpoint, region: 'local', credentials });
  const profile = { ApplicationId: applicationId, ConfigurationProfileId: configurationProfileId };
  return {
    async storeVersion(content) {
      const input = { ...profile, Content: Buffer.from(content), ContentType: 'application/json' };
      return (await client.send(new CreateHostedConfigurationVersionCommand(input))).VersionNumber ?? 0;
    },
    async deploy(versionNumber, description) {
      const command = new StartDeploymentCommand({
        ...profile,
        EnvironmentId: environmentId,
        DeploymentStrategyId: 'AppConfig.AllAtOnce',
        ConfigurationVersion: String(versionNumber),
        Description: description,
      });
      return (await client.send(command)).DeploymentNumber ?? 0;
    },
  };
}
