import {
  BadRequestException,
  DeleteConfigurationProfileCommand,
  DeleteEnvironmentCommand,
  DeleteHostedConfigurationVersionCommand,
  type DeletionProtectionCheck,
  UpdateAccountSettingsCommand,
} from '@aws-sdk/client-appconfig';
import { expect, test } from 'vitest';
import { flagDocument, rejection, startEmulator } from '../fixture.ts';

const MINUTE_MS = 60_000;

/** Creates an environment and a profile of that age in minutes that a client has just read, and how to delete them. */
async function startRead(ageMinutes: number) {
  const { control, clock, createAll, deploy, start, poll } = await startEmulator();
  const place = await createAll();
  await deploy(place, flagDocument({ a: { enabled: true } }));
  await control.send(new DeleteHostedConfigurationVersionCommand({ ...place, VersionNumber: 1 }));
  clock.advance(ageMinutes * MINUTE_MS);
  await poll(await start());
  const protect = (minutes: number) =>
    control.send(
      new UpdateAccountSettingsCommand({ DeletionProtection: { Enabled: true, ProtectionPeriodInMinutes: minutes } }),
    );
  const deletions = [
    (check?: DeletionProtectionCheck) =>
      control.send(new DeleteConfigurationProfileCommand({ ...place, DeletionProtectionCheck: check })),
    (check?: DeletionProtectionCheck) =>
      control.send(new DeleteEnvironmentCommand({ ...place, DeletionProtectionCheck: check })),
  ];
  return { clock, protect, deletions };
}

test('a resource in use is protected for the period that the account sets', async () => {
  const { clock, protect, deletions } = await startRead(60);
  await protect(15);
  for (const remove of deletions) {
    expect((await rejection(remove(), BadRequestException)).message).toContain('BYPASS');
  }
  clock.advance(15 * MINUTE_MS);
  for (const remove of deletions) await remove();
});

test('nothing is protected by default, in its first hour, or when the caller bypasses the check', async () => {
  for (const remove of (await startRead(60)).deletions) await remove();
  const young = await startRead(59);
  await young.protect(60);
  for (const remove of young.deletions) await remove();
  const old = await startRead(60);
  await old.protect(60);
  for (const remove of old.deletions) await remove('BYPASS');
});

test('APPLY protects even if the account does not, and in the first hour too', async () => {
  for (const remove of (await startRead(0)).deletions) await rejection(remove('APPLY'), BadRequestException);
});
