import { AppConfigClient, UpdateEnvironmentCommand } from '@aws-sdk/client-appconfig';
import { createEmulator } from '@crossfade/appconfig-emulator';
import { expect, onTestFinished, test } from 'vitest';
import { examineEnvironment } from '../../src/doctor/examine-environment.ts';

const LOCATION = { application: 'orders', environment: 'production', profile: 'crossfade' };
const CONTENT = JSON.stringify({ version: '1', flags: {}, values: {} });
const ALARM = 'arn:aws:cloudwatch:eu-central-1:111122223333:alarm:errors';

async function createPlace() {
  const emulator = createEmulator();
  const { url: endpoint } = await emulator.listen();
  onTestFinished(() => emulator.close());
  const seeded = emulator.seed({ ...LOCATION, content: CONTENT });
  const flags = { source: 'appconfig', ...LOCATION, pollIntervalMs: 15_000, region: 'local', endpoint } as const;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return { emulator, seeded, flags, client: new AppConfigClient({ endpoint, region: 'local', credentials }) };
}

test('an environment of its own, without alarms, misses the strategy alone', async () => {
  const { flags } = await createPlace();
  expect(await examineEnvironment({ flags })).toEqual([
    {
      check: 'environment',
      verdict: 'warn',
      detail: expect.stringContaining('crossfade-at-once'),
      action: expect.any(String),
    },
  ]);
});

test('an alarm fails, because it would take a rollback back', async () => {
  const { flags, client, seeded } = await createPlace();
  const place = { ApplicationId: seeded.applicationId, EnvironmentId: seeded.environmentId };
  await client.send(new UpdateEnvironmentCommand({ ...place, Monitors: [{ AlarmArn: ALARM }] }));
  expect(await examineEnvironment({ flags })).toContainEqual({
    check: 'environment',
    verdict: 'fail',
    detail: expect.stringContaining(`monitors an alarm (${ALARM})`),
    action: expect.stringContaining('aws appconfig update-environment'),
  });
});

test('another profile in the environment is a warning, by name', async () => {
  const { flags, emulator } = await createPlace();
  emulator.seed({ ...LOCATION, profile: 'shop-flags', content: CONTENT });
  const findings = await examineEnvironment({ flags });
  expect(findings.map(({ detail }) => detail).join()).toContain('also serves shop-flags');
});

test('a missing profile fails, and so does a store that is down', async () => {
  const { flags, emulator } = await createPlace();
  expect(await examineEnvironment({ flags: { ...flags, profile: 'none' } })).toMatchObject([{ verdict: 'fail' }]);
  await emulator.close();
  expect(await examineEnvironment({ flags })).toMatchObject([{ verdict: 'fail' }]);
});

test('a flag file has no environment', async () => {
  expect(await examineEnvironment({ flags: { source: 'file', path: 'flags.json' } })).toEqual([]);
});
