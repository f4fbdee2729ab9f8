import {
  BadRequestException,
  ConflictException,
  CreateEnvironmentCommand,
  DeleteEnvironmentCommand,
  GetEnvironmentCommand,
  ListEnvironmentsCommand,
  ResourceNotFoundException,
  StopDeploymentCommand,
  UpdateEnvironmentCommand,
} from '@aws-sdk/client-appconfig';
import { expect, test } from 'vitest';
import { flagDocument, present, rejection, startEmulator } from '../fixture.ts';

const ALARM = 'arn:aws:cloudwatch:eu-central-1:111122223333:alarm:errors';

test('an environment is created, shown, listed, changed and deleted', async () => {
  const { control, createAll } = await startEmulator();
  const { ApplicationId } = await createAll();
  const created = await control.send(
    new CreateEnvironmentCommand({ ApplicationId, Name: 'test', Monitors: [{ AlarmArn: ALARM }] }),
  );
  expect(created).toMatchObject({
    ApplicationId,
    Name: 'test',
    State: 'READY_FOR_DEPLOYMENT',
    Monitors: [{ AlarmArn: ALARM }],
  });
  const id = { ApplicationId, EnvironmentId: present(created.Id) };

  await control.send(
    new UpdateEnvironmentCommand({ ...id, Name: 'staging', Description: 'before live', Monitors: [] }),
  );
  expect(await control.send(new GetEnvironmentCommand(id))).toMatchObject({
    Name: 'staging',
    Description: 'before live',
    Monitors: [],
  });
  const listed = await control.send(new ListEnvironmentsCommand({ ApplicationId }));
  expect(listed.Items?.map(({ Name }) => Name)).toEqual(['live', 'staging']);

  await control.send(new DeleteEnvironmentCommand(id));
  await rejection(control.send(new GetEnvironmentCommand(id)), ResourceNotFoundException);
  await rejection(
    control.send(new CreateEnvironmentCommand({ ApplicationId: 'nope', Name: 'test' })),
    ResourceNotFoundException,
  );
  const many = Array.from({ length: 6 }, () => ({ AlarmArn: ALARM }));
  await rejection(
    control.send(new CreateEnvironmentCommand({ ApplicationId, Name: 'x', Monitors: many })),
    BadRequestException,
  );
});

test('an environment shows the state of its last deployment and cannot be deleted while it runs', async () => {
  const { control, clock, createAll, createStrategy, deploy } = await startEmulator();
  const place = await createAll();
  const { ApplicationId, EnvironmentId } = place;
  const state = async () => (await control.send(new GetEnvironmentCommand({ ApplicationId, EnvironmentId }))).State;
  const flags = flagDocument({ a: { enabled: true } });
  const slow = { ...place, DeploymentStrategyId: await createStrategy({ duration: 1, growth: 50, bake: 1 }) };

  await deploy(slow, flags);
  expect(await state()).toBe('DEPLOYING');
  clock.advance(60_000);
  expect(await state()).toBe('DEPLOYING');
  await rejection(control.send(new DeleteEnvironmentCommand({ ApplicationId, EnvironmentId })), ConflictException);
  clock.advance(60_000);
  expect(await state()).toBe('READY_FOR_DEPLOYMENT');

  await deploy(slow, flags);
  await control.send(new StopDeploymentCommand({ ApplicationId, EnvironmentId, DeploymentNumber: 2 }));
  expect(await state()).toBe('ROLLED_BACK');
  await deploy(place, flags);
  await control.send(
    new StopDeploymentCommand({ ApplicationId, EnvironmentId, DeploymentNumber: 3, AllowRevert: true }),
  );
  expect(await state()).toBe('REVERTED');
});
