import { GetDeploymentCommand, UpdateEnvironmentCommand } from '@aws-sdk/client-appconfig';
import { expect, test } from 'vitest';
import { flagDocument, startEmulator } from '../fixture.ts';

const ALARM = 'arn:aws:cloudwatch:eu-central-1:111122223333:alarm:errors';

test('an alarm rolls back only deployments that bake in the environments that monitor it', async () => {
  const { emulator, control, createAll, deploy } = await startEmulator();
  const place = await createAll();
  const { ApplicationId, EnvironmentId } = place;
  await deploy({ ...place, DeploymentStrategyId: 'AppConfig.AllAtOnce' }, flagDocument({ a: { enabled: true } }));
  expect(emulator.raiseAlarm(ALARM)).toBe(0);
  await control.send(new UpdateEnvironmentCommand({ ApplicationId, EnvironmentId, Monitors: [{ AlarmArn: ALARM }] }));
  expect(emulator.raiseAlarm(`${ALARM}-other`)).toBe(0);
  expect(emulator.raiseAlarm(ALARM)).toBe(1);
  const { State, EventLog } = await control.send(
    new GetDeploymentCommand({ ApplicationId, EnvironmentId, DeploymentNumber: 1 }),
  );
  expect(State).toBe('ROLLED_BACK');
  expect(EventLog?.map(({ EventType, TriggeredBy }) => `${EventType} ${TriggeredBy}`)).toContain(
    'ROLLBACK_STARTED CLOUDWATCH_ALARM',
  );
  expect(emulator.raiseAlarm(ALARM)).toBe(0);
});

test('an alarm that stays in ALARM rolls back each new deployment, until it is OK', async () => {
  const { emulator, control, createAll, deploy } = await startEmulator();
  const place = await createAll();
  const { ApplicationId, EnvironmentId } = place;
  await control.send(new UpdateEnvironmentCommand({ ApplicationId, EnvironmentId, Monitors: [{ AlarmArn: ALARM }] }));
  const stateOf = async (DeploymentNumber: number) =>
    (await control.send(new GetDeploymentCommand({ ApplicationId, EnvironmentId, DeploymentNumber }))).State;
  emulator.setAlarm(ALARM, 'ALARM');
  await deploy(place, flagDocument({ a: { enabled: true } }));
  expect(await stateOf(1)).toBe('ROLLED_BACK');
  emulator.setAlarm(ALARM, 'OK');
  await deploy(place, flagDocument({ a: { enabled: false } }));
  expect(await stateOf(2)).not.toBe('ROLLED_BACK');
});
