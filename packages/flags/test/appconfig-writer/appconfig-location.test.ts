import { AppConfigClient, CreateApplicationCommand, CreateEnvironmentCommand } from '@aws-sdk/client-appconfig';
import { ConfigError } from '@crossfade/core';
import { expect, it, onTestFinished } from 'vitest';
import { resolveLocation } from '../../src/appconfig-writer/appconfig-location.ts';
import { emulateLocation, LOCATION } from '../fixture/emulated-location.ts';

async function setUp() {
  const { url, seeded, emulator } = await emulateLocation();
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new AppConfigClient({ endpoint: url, region: 'local', credentials });
  onTestFinished(() => client.destroy());
  const { applicationId, environmentId, configurationProfileId } = seeded;
  const ids = {
    ApplicationId: applicationId,
    EnvironmentId: environmentId,
    ConfigurationProfileId: configurationProfileId,
  };
  return { client, emulator, ids };
}

it('finds names, ids and a mixture of both', async () => {
  const { client, ids } = await setUp();
  expect(await resolveLocation(client, LOCATION)).toEqual(ids);
  expect(await resolveLocation(client, { ...LOCATION, environment: ids.EnvironmentId })).toEqual(ids);
});

it('finds a name after the first page', async () => {
  const { client, emulator, ids } = await setUp();
  for (let count = 0; count < 60; count += 1) await client.send(new CreateApplicationCommand({ Name: `a${count}` }));
  emulator.seed({ ...LOCATION, application: 'last', content: '{"version":"1"}' });
  const found = await resolveLocation(client, { ...LOCATION, application: 'last' });
  expect(found.ApplicationId).not.toBe(ids.ApplicationId);
});

it('requires an id if a name is not unique', async () => {
  const { client, ids } = await setUp();
  const Name = 'prod';
  const created = client.send(new CreateEnvironmentCommand({ ApplicationId: ids.ApplicationId, Name }));
  await expect(created).resolves.toHaveProperty('Id');
  const resolved = resolveLocation(client, LOCATION);
  await expect(resolved).rejects.toThrow(ConfigError);
  await expect(resolved).rejects.toThrow('flags.environment: AppConfig has several named "prod": use the id');
});

it('prefers an id over a resource with the same name', async () => {
  const { client, ids } = await setUp();
  await client.send(new CreateApplicationCommand({ Name: ids.ApplicationId }));
  expect(await resolveLocation(client, { ...LOCATION, application: ids.ApplicationId })).toEqual(ids);
});
