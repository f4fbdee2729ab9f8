import { ConflictError, UnavailableError } from '@crossfade/core';
import { expect, it } from 'vitest';
import { createAppConfigControlPlane } from '../../src/appconfig-writer/appconfig-control-plane.ts';
import { readState } from '../../src/appconfig-writer/appconfig-state.ts';
import { checkConflict, nameConflict } from '../../src/appconfig-writer/check-conflict.ts';
import { emulateLocation, hostedContent, LOCATION } from '../fixture/emulated-location.ts';

async function setUp() {
  const { emulator, url, colleague } = await emulateLocation();
  const plane = createAppConfigControlPlane({ ...LOCATION, endpoint: url, timeoutMs: 5000 });
  return { emulator, colleague, plane, stored: await readState(plane) };
}

it('finds no conflict if nothing changed', async () => {
  const { plane, stored } = await setUp();
  await expect(checkConflict(plane, await readState(plane), stored)).resolves.toBeUndefined();
});

it('names a version with the description of its author', async () => {
  const { plane, stored } = await setUp();
  await plane.createVersion({ content: hostedContent({}), label: 'x', description: 'by Ada', expectedNewest: 1 });
  await expect(checkConflict(plane, await readState(plane), stored)).rejects.toThrow(
    new ConflictError('another writer stored version 2 ("by Ada") after the flags had been read'),
  );
});

it('names the conflicting deployment, which the lock itself does not', async () => {
  const { plane, colleague, stored } = await setUp();
  const version = await colleague.storeVersion(hostedContent({}));
  await colleague.deploy(version, 'ramp, by Ada');
  const late = nameConflict(plane, stored, () =>
    plane.startDeployment({ versionNumber: version, description: 'x', expectedNewest: 1 }),
  );
  await expect(late).rejects.toThrow(/^deployment 2 .*"ramp, by Ada"\) blocks the environment$/);
});

it('keeps the conflict when the state is unreadable, and keeps other errors', async () => {
  const { plane, emulator, stored } = await setUp();
  emulator.faults.set('down');
  for (const error of [new ConflictError('another writer was faster'), new UnavailableError('down')]) {
    await expect(nameConflict(plane, stored, () => Promise.reject(error))).rejects.toBe(error);
  }
});
