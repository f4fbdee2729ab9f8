import {
  BadRequestException,
  CreateDeploymentStrategyCommand,
  DeleteDeploymentStrategyCommand,
  GetDeploymentStrategyCommand,
  ListDeploymentStrategiesCommand,
  ResourceNotFoundException,
  ServiceQuotaExceededException,
  UpdateDeploymentStrategyCommand,
} from '@aws-sdk/client-appconfig';
import { expect, test } from 'vitest';
import { rejection, startEmulator } from '../fixture.ts';

test('a deployment strategy is created, shown, listed, changed and deleted', async () => {
  const { control, createStrategy } = await startEmulator();
  const DeploymentStrategyId = await createStrategy({ duration: 5, growth: 12.5, bake: 2, type: 'EXPONENTIAL' });
  await control.send(
    new UpdateDeploymentStrategyCommand({ DeploymentStrategyId, FinalBakeTimeInMinutes: 0, Description: 'quick' }),
  );
  expect(await control.send(new GetDeploymentStrategyCommand({ DeploymentStrategyId }))).toMatchObject({
    Name: 'own',
    Description: 'quick',
    DeploymentDurationInMinutes: 5,
    GrowthType: 'EXPONENTIAL',
    GrowthFactor: 12.5,
    FinalBakeTimeInMinutes: 0,
    ReplicateTo: 'NONE',
  });
  expect((await control.send(new ListDeploymentStrategiesCommand({}))).Items).toHaveLength(5);
  await control.send(new DeleteDeploymentStrategyCommand({ DeploymentStrategyId }));
  await rejection(control.send(new GetDeploymentStrategyCommand({ DeploymentStrategyId })), ResourceNotFoundException);
});

test('the predefined strategies exist and cannot be changed', async () => {
  const { control } = await startEmulator();
  const { Items = [] } = await control.send(new ListDeploymentStrategiesCommand({}));
  expect(
    Items.map((strategy) => [
      strategy.Id,
      strategy.DeploymentDurationInMinutes,
      strategy.GrowthFactor,
      strategy.FinalBakeTimeInMinutes,
    ]),
  ).toEqual([
    ['AppConfig.AllAtOnce', 0, 100, 10],
    ['AppConfig.Linear50PercentEvery30Seconds', 1, 50, 1],
    ['AppConfig.Linear20PercentEvery6Minutes', 30, 20, 30],
    ['AppConfig.Canary10Percent20Minutes', 20, 10, 10],
  ]);
  const DeploymentStrategyId = 'AppConfig.AllAtOnce';
  await rejection(
    control.send(new UpdateDeploymentStrategyCommand({ DeploymentStrategyId, FinalBakeTimeInMinutes: 0 })),
    BadRequestException,
  );
  await rejection(control.send(new DeleteDeploymentStrategyCommand({ DeploymentStrategyId })), BadRequestException);
});

test.each([{ duration: 1441 }, { growth: 0 }, { growth: 101 }, { bake: -1 }, { duration: 0.5 }])(
  'a strategy with %j is rejected',
  async (given) => {
    const { createStrategy } = await startEmulator();
    await rejection(createStrategy(given), BadRequestException);
  },
);

test('every problem of a strategy is reported at once, and an account has at most 20 of its own', async () => {
  const { control, createStrategy } = await startEmulator();
  const bad = { Name: '', DeploymentDurationInMinutes: -1, GrowthFactor: 0 };
  const { message } = await rejection(control.send(new CreateDeploymentStrategyCommand(bad)), BadRequestException);
  for (const name of Object.keys(bad)) expect(message).toContain(name);
  for (let index = 0; index < 20; index += 1) await createStrategy({});
  await rejection(createStrategy({}), ServiceQuotaExceededException);
});
