import {
  GetDeploymentCommand,
  ListDeploymentsCommand,
  ResourceNotFoundException,
  waitUntilDeploymentComplete,
} from '@aws-sdk/client-appconfig';
import { expect, test } from 'vitest';
import { flagDocument, rejection, startEmulator } from '../fixture.ts';

const FLAGS = flagDocument({ a: { enabled: true } });

test('a deployment is started, polled and listed in the shapes of AWS', async () => {
  const { control, clock, createAll, createStrategy, deploy } = await startEmulator();
  const place = await createAll();
  const { ApplicationId, EnvironmentId, ConfigurationProfileId } = place;
  const DeploymentStrategyId = await createStrategy({ duration: 2, growth: 50, bake: 1 });
  const started = await deploy({ ...place, DeploymentStrategyId }, FLAGS);
  expect(started).toMatchObject({
    ...{
      ApplicationId,
      EnvironmentId,
      ConfigurationProfileId,
      DeploymentStrategyId,
      DeploymentNumber: 1,
      ConfigurationName: 'flags',
    },
    ...{ ConfigurationLocationUri: 'hosted', ConfigurationVersion: '1', State: 'DEPLOYING', PercentageComplete: 0 },
    StartedAt: new Date('2026-01-01T00:00:00Z'),
    EventLog: [{ EventType: 'DEPLOYMENT_STARTED', TriggeredBy: 'USER' }],
    $metadata: { httpStatusCode: 201 },
  });

  clock.advance(61_000);
  const id = { ApplicationId, EnvironmentId, DeploymentNumber: 1 };
  expect(await control.send(new GetDeploymentCommand(id))).toMatchObject({
    State: 'DEPLOYING',
    PercentageComplete: 100,
  });
  clock.advance(59_000);
  expect((await control.send(new GetDeploymentCommand(id))).State).toBe('BAKING');
  clock.advance(60_000);
  const complete = await control.send(new GetDeploymentCommand(id));
  expect(complete).toMatchObject({
    State: 'COMPLETE',
    PercentageComplete: 100,
    CompletedAt: new Date('2026-01-01T00:03:00Z'),
  });
  expect(complete.EventLog?.[0]).toMatchObject({ EventType: 'DEPLOYMENT_COMPLETED', TriggeredBy: 'APPCONFIG' });

  await deploy(place, FLAGS);
  const { Items = [] } = await control.send(new ListDeploymentsCommand({ ApplicationId, EnvironmentId }));
  expect(
    Items.map(({ DeploymentNumber, ConfigurationVersion, State }) => [DeploymentNumber, ConfigurationVersion, State]),
  ).toEqual([
    [2, '2', 'COMPLETE'],
    [1, '1', 'COMPLETE'],
  ]);
});

test("the SDK's waiter sees a deployment complete", async () => {
  const { control, createAll, deploy } = await startEmulator();
  const place = await createAll();
  await deploy(place, FLAGS);
  const { ApplicationId, EnvironmentId } = place;
  const waited = await waitUntilDeploymentComplete(
    { client: control, minDelay: 1, maxWaitTime: 5 },
    { ApplicationId, EnvironmentId, DeploymentNumber: 1 },
  );
  expect(waited.state).toBe('SUCCESS');
});

test.each([0, 2, 99])('deployment number %s is not found', async (DeploymentNumber) => {
  const { control, createAll, deploy } = await startEmulator();
  const place = await createAll();
  await deploy(place, FLAGS);
  const { ApplicationId, EnvironmentId } = place;
  await rejection(
    control.send(new GetDeploymentCommand({ ApplicationId, EnvironmentId, DeploymentNumber })),
    ResourceNotFoundException,
  );
});
