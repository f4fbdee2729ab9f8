import {
  BadRequestException,
  CreateApplicationCommand,
  CreateDeploymentStrategyCommand,
  ListTagsForResourceCommand,
  ResourceNotFoundException,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-appconfig';
import { expect, test } from 'vitest';
import { flagDocument, rejection, startEmulator } from '../fixture.ts';

const PREFIX = 'arn:aws:appconfig:eu-central-1:123456789012:';

async function startTagged() {
  const emulator = await startEmulator();
  const { control } = emulator;
  const place = await emulator.createAll();
  await emulator.deploy(place, flagDocument({ a: { enabled: true } }));
  const list = async (resource: string) =>
    (await control.send(new ListTagsForResourceCommand({ ResourceArn: `${PREFIX}${resource}` }))).Tags;
  const tag = (resource: string, Tags: Record<string, string>) =>
    control.send(new TagResourceCommand({ ResourceArn: `${PREFIX}${resource}`, Tags }));
  const untag = (resource: string, ...TagKeys: string[]) =>
    control.send(new UntagResourceCommand({ ResourceArn: `${PREFIX}${resource}`, TagKeys }));
  return { ...emulator, place, list, tag, untag };
}

test('every kind of resource is tagged, listed and untagged by its ARN', async () => {
  const { place, list, tag, untag } = await startTagged();
  const application = `application/${place.ApplicationId}`;
  const environment = `${application}/environment/${place.EnvironmentId}`;
  for (const resource of [
    application,
    environment,
    `${application}/configurationprofile/${place.ConfigurationProfileId}`,
    `${environment}/deployment/1`,
    `deploymentstrategy/${place.DeploymentStrategyId}`,
  ]) {
    expect(await list(resource)).toEqual({});
    await tag(resource, { team: 'orders', tier: '1', 'a b': '' });
    await tag(resource, { tier: '2' });
    expect(await list(resource)).toEqual({ team: 'orders', tier: '2', 'a b': '' });
    await untag(resource, 'team', 'a b', 'never-was');
    await untag(resource, 'never-was');
    expect(await list(resource)).toEqual({ tier: '2' });
  }
});

test('tags given at creation are stored', async () => {
  const { control, list } = await startTagged();
  const Tags = { team: 'orders' };
  const { Id } = await control.send(new CreateApplicationCommand({ Name: 'a', Tags }));
  expect(await list(`application/${Id}`)).toEqual(Tags);
  const strategy = { Name: 's', DeploymentDurationInMinutes: 0, GrowthFactor: 100, Tags };
  const created = await control.send(new CreateDeploymentStrategyCommand(strategy));
  expect(await list(`deploymentstrategy/${created.Id}`)).toEqual(Tags);
});

test('a resource has at most 50 tags, and none of them begins with aws:', async () => {
  const { place, tag } = await startTagged();
  const resource = `application/${place.ApplicationId}`;
  await tag(resource, Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, 'v'])));
  await tag(resource, { k0: 'changed' });
  await rejection(tag(resource, { k50: 'v' }), BadRequestException);
  await rejection(tag(resource, { 'aws:x': 'v' }), BadRequestException);
  await rejection(tag(resource, { k1: 'v'.repeat(257) }), BadRequestException);
});

test.each(['application/nope', 'application/nope/environment/nope', 'extension/nope', 'deploymentstrategy/nope'])(
  '%s is not found',
  async (resource) => {
    const { list } = await startTagged();
    await rejection(list(resource), ResourceNotFoundException);
  },
);

test('an ARN of another service is rejected as a bad request', async () => {
  const { control } = await startTagged();
  const ResourceArn = 'arn:aws:s3:::a-bucket';
  await rejection(control.send(new ListTagsForResourceCommand({ ResourceArn })), BadRequestException);
});
