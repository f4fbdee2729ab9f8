import {
  AppConfigClient,
  CreateApplicationCommand,
  CreateConfigurationProfileCommand,
  CreateDeploymentStrategyCommand,
  CreateEnvironmentCommand,
  UpdateApplicationCommand,
  UpdateConfigurationProfileCommand,
  UpdateDeploymentStrategyCommand,
  UpdateEnvironmentCommand,
} from '@aws-sdk/client-appconfig';
import { evaluate, type Names, readTemplate, type Template } from './template.ts';

const FRAME = ['Application', 'Environment', 'Profile', 'Strategy'] as const;

export interface Stack {
  readonly template: Template;
  /** The parameters, and what was created. */
  readonly names: Names;
  readonly client: AppConfigClient;
  readonly endpoint: string;
  /** Sends all properties of the template again, changed or not: more than CloudFormation would. */
  applyAgain(): Promise<void>;
}

/** Creates AppConfig's resources of the template by the AWS SDK. IAM is played by the emulator's own switches. */
export async function applyTemplate(endpoint: string, parameters: Names = {}): Promise<Stack> {
  const template = readTemplate();
  const credentials = { accessKeyId: 'infrastructure', secretAccessKey: 'any' };
  const client = new AppConfigClient({ endpoint, region: 'local', credentials });
  const defaults = Object.entries(template.Parameters).flatMap(([name, { Default }]) =>
    Default === undefined ? [] : [[name, Default] as const],
  );
  const names: Record<string, string> = {
    ...{ 'AWS::Partition': 'aws', 'AWS::Region': 'local', 'AWS::AccountId': '111122223333' },
    ...Object.fromEntries(defaults),
    ...parameters,
  };
  const appConfig = Object.keys(template.Resources).filter((id) =>
    template.Resources[id]?.Type.startsWith('AWS::AppConfig::'),
  );
  if (appConfig.join() !== FRAME.join()) throw new Error(`this test applies ${FRAME}, the template has ${appConfig}`);
  const properties = (id: string) => evaluate(template.Resources[id]?.Properties, names) as never;
  const created = (id: string, attribute: string, value: string | undefined) => {
    names[id] = value ?? '';
    names[`${id}.${attribute}`] = value ?? '';
  };

  const application = await client.send(new CreateApplicationCommand(properties('Application')));
  created('Application', 'ApplicationId', application.Id);
  const environment = await client.send(new CreateEnvironmentCommand(properties('Environment')));
  created('Environment', 'EnvironmentId', environment.Id);
  const profile = await client.send(new CreateConfigurationProfileCommand(properties('Profile')));
  created('Profile', 'ConfigurationProfileId', profile.Id);
  if (names['ExistingStrategyId'] === '') {
    const strategy = await client.send(new CreateDeploymentStrategyCommand(properties('Strategy')));
    created('Strategy', 'Id', strategy.Id);
  }

  return {
    template,
    names,
    client,
    endpoint,
    async applyAgain() {
      const ids = {
        ApplicationId: names['Application'],
        EnvironmentId: names['Environment'],
        ConfigurationProfileId: names['Profile'],
        DeploymentStrategyId: names['Strategy'],
      };
      const all = (id: string) => ({ ...(properties(id) as object), ...ids }) as never;
      await client.send(new UpdateApplicationCommand(all('Application')));
      await client.send(new UpdateEnvironmentCommand(all('Environment')));
      await client.send(new UpdateConfigurationProfileCommand(all('Profile')));
      if (names['Strategy'] !== undefined) await client.send(new UpdateDeploymentStrategyCommand(all('Strategy')));
    },
  };
}
