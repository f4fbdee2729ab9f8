import {
  AppConfigClient,
  CreateDeploymentStrategyCommand,
  ListDeploymentStrategiesCommand,
} from '@aws-sdk/client-appconfig';
import { expect, it, onTestFinished } from 'vitest';
import { findStrategy } from '../../src/appconfig-writer/deployment-strategy.ts';
import { emulateLocation } from '../fixture/emulated-location.ts';

async function connect() {
  const { url } = await emulateLocation();
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new AppConfigClient({ endpoint: url, region: 'local', credentials });
  onTestFinished(() => client.destroy());
  const list = async () => (await client.send(new ListDeploymentStrategiesCommand({}))).Items ?? [];
  return { client, list };
}

it('creates a strategy that deploys at once without baking, and finds it again', async () => {
  const { client, list } = await connect();
  const id = await findStrategy(client);
  expect(await findStrategy(client)).toBe(id);
  expect((await list()).filter(({ Id }) => Id === id)).toMatchObject([
    { Name: 'crossfade-at-once', DeploymentDurationInMinutes: 0, GrowthFactor: 100, FinalBakeTimeInMinutes: 0 },
  ]);
});

it('does not use a strategy that only has the same name', async () => {
  const { client } = await connect();
  const input = {
    Name: 'crossfade-at-once',
    DeploymentDurationInMinutes: 0,
    GrowthFactor: 100,
    FinalBakeTimeInMinutes: 5,
  };
  const baking = await client.send(new CreateDeploymentStrategyCommand({ ...input, ReplicateTo: 'NONE' }));
  expect(await findStrategy(client)).not.toBe(baking.Id);
});
