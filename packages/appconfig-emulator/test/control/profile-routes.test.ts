import {
  BadRequestException,
  ConflictException,
  CreateConfigurationProfileCommand,
  DeleteConfigurationProfileCommand,
  DeleteHostedConfigurationVersionCommand,
  GetConfigurationProfileCommand,
  ListConfigurationProfilesCommand,
  ResourceNotFoundException,
  UpdateConfigurationProfileCommand,
} from '@aws-sdk/client-appconfig';
import { expect, test } from 'vitest';
import { flagDocument, present, rejection, startEmulator } from '../fixture.ts';

test('a configuration profile is created, shown, listed by type, changed and deleted', async () => {
  const { control, createAll } = await startEmulator();
  const { ApplicationId } = await createAll();
  const created = await control.send(
    new CreateConfigurationProfileCommand({
      ApplicationId,
      Name: 'limits',
      LocationUri: 'hosted',
      Validators: [{ Type: 'JSON_SCHEMA', Content: '{}' }],
    }),
  );
  expect(created).toMatchObject({
    Name: 'limits',
    LocationUri: 'hosted',
    Type: 'AWS.Freeform',
    Validators: [{ Type: 'JSON_SCHEMA', Content: '{}' }],
  });
  const id = { ApplicationId, ConfigurationProfileId: present(created.Id) };

  await control.send(
    new UpdateConfigurationProfileCommand({ ...id, Name: 'quotas', Description: 'how much', Validators: [] }),
  );
  expect(await control.send(new GetConfigurationProfileCommand(id))).toMatchObject({
    Name: 'quotas',
    Description: 'how much',
    Validators: [],
  });
  const all = await control.send(new ListConfigurationProfilesCommand({ ApplicationId }));
  expect(all.Items?.map(({ Name }) => Name)).toEqual(['flags', 'quotas']);
  const flags = await control.send(
    new ListConfigurationProfilesCommand({ ApplicationId, Type: 'AWS.AppConfig.FeatureFlags' }),
  );
  expect(flags.Items?.map(({ Name }) => Name)).toEqual(['flags']);

  await control.send(new DeleteConfigurationProfileCommand(id));
  await rejection(control.send(new GetConfigurationProfileCommand(id)), ResourceNotFoundException);
});

test('only hosted configurations are supported, and feature flags take no JSON schema', async () => {
  const { control, createAll } = await startEmulator();
  const { ApplicationId } = await createAll();
  await rejection(
    control.send(new CreateConfigurationProfileCommand({ ApplicationId, Name: 'x', LocationUri: 's3://bucket/key' })),
    BadRequestException,
  );
  const Validators = [{ Type: 'JSON_SCHEMA' as const, Content: '{}' }];
  const given = { ApplicationId, Name: 'x', LocationUri: 'hosted', Type: 'AWS.AppConfig.FeatureFlags', Validators };
  await rejection(control.send(new CreateConfigurationProfileCommand(given)), BadRequestException);
});

test('a profile is deleted neither while it is deployed nor while it has versions', async () => {
  const { control, clock, createAll, createStrategy, deploy } = await startEmulator();
  const place = await createAll();
  const { ApplicationId, ConfigurationProfileId } = place;
  const remove = () => control.send(new DeleteConfigurationProfileCommand({ ApplicationId, ConfigurationProfileId }));
  await deploy(
    { ...place, DeploymentStrategyId: await createStrategy({ bake: 1 }) },
    flagDocument({ a: { enabled: true } }),
  );
  await rejection(remove(), ConflictException);
  clock.advance(60_000);
  await rejection(remove(), BadRequestException);
  await control.send(
    new DeleteHostedConfigurationVersionCommand({ ApplicationId, ConfigurationProfileId, VersionNumber: 1 }),
  );
  await remove();
});
