import {
  BadRequestException,
  ConflictException,
  CreateConfigurationProfileCommand,
  CreateEnvironmentCommand,
  ResourceNotFoundException,
  StartDeploymentCommand,
} from '@aws-sdk/client-appconfig';
import { expect, test } from 'vitest';
import { flagDocument, present, rejection, startEmulator } from '../fixture.ts';

const FLAGS = flagDocument({ a: { enabled: true } });

test('one deployment at a time runs in an environment, across all profiles, baking included', async () => {
  const { control, clock, createAll, createStrategy, createVersion, deploy } = await startEmulator();
  const place = await createAll();
  const { ApplicationId } = place;
  await deploy({ ...place, DeploymentStrategyId: await createStrategy({ duration: 1, bake: 1 }) }, FLAGS);
  await rejection(deploy(place, FLAGS), ConflictException);

  const profile = await control.send(
    new CreateConfigurationProfileCommand({ ApplicationId, Name: 'limits', LocationUri: 'hosted' }),
  );
  const other = { ...place, ConfigurationProfileId: present(profile.Id) };
  clock.advance(60_000);
  const error = await rejection(deploy(other, 'free'), ConflictException);
  expect(error).toMatchObject({ message: expect.stringContaining('deployment 1'), $metadata: { httpStatusCode: 409 } });

  const environment = await control.send(new CreateEnvironmentCommand({ ApplicationId, Name: 'test' }));
  const version = await createVersion(other, 'free');
  const elsewhere = { ...other, EnvironmentId: present(environment.Id), ConfigurationVersion: String(version) };
  expect(await control.send(new StartDeploymentCommand(elsewhere))).toMatchObject({ DeploymentNumber: 1 });

  clock.advance(60_000);
  expect(await deploy(other, 'free')).toMatchObject({ DeploymentNumber: 2 });
});

test('the predefined AllAtOnce strategy holds its environment for 10 minutes of bake', async () => {
  const { clock, createAll, deploy } = await startEmulator();
  const place = await createAll();
  await deploy({ ...place, DeploymentStrategyId: 'AppConfig.AllAtOnce' }, FLAGS);
  clock.advance(10 * 60_000 - 1);
  await rejection(deploy(place, FLAGS), ConflictException);
  clock.advance(1);
  await deploy(place, FLAGS);
});

test('the latest deployment number is a lock', async () => {
  const { control, createAll, createVersion } = await startEmulator();
  const place = await createAll();
  const ConfigurationVersion = String(await createVersion(place, FLAGS));
  const start = (LatestDeploymentNumber: number) =>
    control.send(new StartDeploymentCommand({ ...place, ConfigurationVersion, LatestDeploymentNumber }));
  await rejection(start(1), ConflictException);
  await start(0);
  await rejection(start(0), ConflictException);
  await start(1);
});

test('a deployment must name existing resources by id', async () => {
  const { control, createAll, createVersion } = await startEmulator();
  const place = await createAll();
  const given = { ...place, ConfigurationVersion: String(await createVersion(place, FLAGS)) };
  const start = (wrong: Partial<typeof given>) => control.send(new StartDeploymentCommand({ ...given, ...wrong }));
  expect(await rejection(start({ EnvironmentId: 'live' }), ResourceNotFoundException)).toMatchObject({
    ResourceName: 'Environment',
  });
  expect(await rejection(start({ ConfigurationProfileId: 'flags' }), ResourceNotFoundException)).toMatchObject({
    ResourceName: 'ConfigurationProfile',
  });
  expect(await rejection(start({ DeploymentStrategyId: 'nope' }), ResourceNotFoundException)).toMatchObject({
    ResourceName: 'DeploymentStrategy',
  });
  expect(await rejection(start({ ConfigurationVersion: '9' }), ResourceNotFoundException)).toMatchObject({
    ResourceName: 'HostedConfigurationVersion',
  });
  await rejection(start({ ConfigurationProfileId: 'Not An Id' }), BadRequestException);
  await rejection(start({ ConfigurationVersion: '' }), BadRequestException);
});
