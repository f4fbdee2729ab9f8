import { ConflictError, UnavailableError } from '@crossfade/core';
import { expect, it } from 'vitest';
import { createAppConfigControlPlane } from '../../src/appconfig-writer/appconfig-control-plane.ts';
import { readState } from '../../src/appconfig-writer/appconfig-state.ts';
import { checkConflict, nameConflict } from '../../src/appconfig-writer/check-conflict.ts';
import { emulateLocation, hostedContent, LOCATION } from '../fixture/emulated-location.ts';

async function setUp() {
  const { emulator, url, colleague } = await emulateLocation();
  const plane = createAppConfigControlPlane({ ...LOCATION, endpoint: url, timeoutMs: 5000 });
  return { emulator, colleague, plane, basis: await readState(plane) };
}

it('finds no conflict where nothing happened', async () => {
  const { plane, basis } = await setUp();
  await expect(checkConflict(plane, await readState(plane), basis)).resolves.toBeUndefined();
});

it('names a version with what its author said', async () => {
  const { plane, basis } = await setUp();
  await plane.createVersion({ content: hostedContent({}), label: 'x', description: 'by Ada', expectedNewest: 1 });
  await expect(checkConflict(plane, await readState(plane), basis)).rejects.toThrow(
    new ConflictError('another writer stored version 2 ("by Ada") after the flags had been read'),
  );
});

it('says who was faster in place of a lock that only says that somebody was', async () => {
  const { plane, colleague, basis } = await setUp();
  const version = await colleague.storeVersion(hostedContent({}));
  await colleague.deploy(version, 'ramp, by Ada');
  const late = nameConflict(plane, basis, () =>
    plane.startDeployment({ versionNumber: version, description: 'x', expectedNewest: 1 }),
  );
  await expect(late).rejects.toThrow(/^deployment 2 .*"ramp, by Ada"\) blocks the environment$/);
});

it('leaves the conflict as it is when nobody can be asked, and other errors always', async () => {
  const { plane, emulator, basis } = await setUp();
  emulator.faults.set('down');
  for (const error of [new ConflictError('somebody was faster'), new UnavailableError('down')]) {
    await expect(nameConflict(plane, basis, () => Promise.reject(error))).rejects.toBe(error);
  }
});
