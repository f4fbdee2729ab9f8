import {
  BadRequestException,
  GetAccountSettingsCommand,
  UpdateAccountSettingsCommand,
} from '@aws-sdk/client-appconfig';
import { expect, test } from 'vitest';
import { rejection, startEmulator } from '../fixture.ts';

test('an account protects nothing until deletion protection is enabled, and then for an hour', async () => {
  const { control } = await startEmulator();
  expect((await control.send(new GetAccountSettingsCommand({}))).DeletionProtection).toEqual({
    Enabled: false,
    ProtectionPeriodInMinutes: 60,
  });
  await control.send(new UpdateAccountSettingsCommand({ DeletionProtection: { Enabled: true } }));
  await control.send(new UpdateAccountSettingsCommand({ VendedMetrics: { Enabled: false } }));
  expect(await control.send(new GetAccountSettingsCommand({}))).toMatchObject({
    DeletionProtection: { Enabled: true, ProtectionPeriodInMinutes: 60 },
    VendedMetrics: { Enabled: false },
  });
});

test.each([14, 1441, 15.5])('a protection period of %s minutes is rejected', async (ProtectionPeriodInMinutes) => {
  const { control } = await startEmulator();
  const DeletionProtection = { ProtectionPeriodInMinutes };
  await rejection(control.send(new UpdateAccountSettingsCommand({ DeletionProtection })), BadRequestException);
});
