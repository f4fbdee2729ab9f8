import { ListApplicationsCommand, StartDeploymentCommand } from '@aws-sdk/client-appconfig';
import { expect, test } from 'vitest';
import { flagDocument, startEmulator } from '../fixture.ts';

const place = { application: 'orders', environment: 'live', profile: 'flags' };

test('seeded content is live at once, its resources are created once, and the control plane continues from there', async () => {
  const { emulator, control, start, poll } = await startEmulator();
  emulator.seed({ ...place, content: flagDocument({ a: { enabled: true } }) });
  const second = emulator.seed({ ...place, content: flagDocument({ a: { enabled: false } }) });
  expect(second).toMatchObject({ versionNumber: 2, deploymentNumber: 2 });
  expect((await control.send(new ListApplicationsCommand({}))).Items).toHaveLength(1);
  expect((await poll(await start())).text).toBe('{"a":{"enabled":false}}');

  const started = await control.send(
    new StartDeploymentCommand({
      ApplicationId: second.applicationId,
      EnvironmentId: second.environmentId,
      ConfigurationProfileId: second.configurationProfileId,
      ConfigurationVersion: '1',
      DeploymentStrategyId: 'AppConfig.AllAtOnce',
      LatestDeploymentNumber: 2,
    }),
  );
  expect(started.DeploymentNumber).toBe(3);
});

test('an invalid flag document is rejected', async () => {
  const { emulator } = await startEmulator();
  expect(() => emulator.seed({ ...place, content: '{}' })).toThrow('version');
});
