import { ConflictError, UnavailableError } from '@crossfade/core';
import { expect, it } from 'vitest';
import { createAppConfigControlPlane } from '../../src/appconfig-writer/appconfig-control-plane.ts';
import { readStanding } from '../../src/appconfig-writer/appconfig-state.ts';
import { nameConflict, refuseConflict } from '../../src/appconfig-writer/check-conflict.ts';
import { emulateLocation, hostedContent, LOCATION } from '../emulated-location.ts';

async function setUp() {
  const { emulator, url, colleague } = await emulateLocation();
  const plane = createAppConfigControlPlane({ ...LOCATION, endpoint: url, timeoutMs: 5000 });
  return { emulator, colleague, plane, basis: await readStanding(plane) };
}

it('finds no conflict where nothing happened', async () => {
  const { plane, basis } = await setUp();
  await expect(refuseConflict(plane, await readStanding(plane), basis)).resolves.toBeUndefined();
});

it('names a version with what its author said', async () => {
  const { plane, basis } = await setUp();
  await plane.createVersion({ content: hostedContent({}), label: 'x', description: 'by Ada', onTopOf: 1 });
  await expect(refuseConflict(plane, await readStanding(plane), basis)).rejects.toThrow(
    new ConflictError('somebody else stored version 2 ("by Ada") in between'),
  );
});

it('says who was faster in place of a lock that only says that somebody was', async () => {
  const { plane, colleague, basis } = await setUp();
  const version = await colleague.storeVersion(hostedContent({}));
  await colleague.deploy(version, 'ramp, by Ada');
  const late = nameConflict(plane, basis, () =>
    plane.startDeployment({ versionNumber: version, description: 'x', onTopOf: 1 }),
  );
  await expect(late).rejects.toThrow(/^deployment 2 .*"ramp, by Ada"\) holds the environment$/);
});

it('leaves the conflict as it is when nobody can be asked, and other errors always', async () => {
  const { plane, emulator, basis } = await setUp();
  emulator.faults.set('down');
  for (const error of [new ConflictError('somebody was faster'), new UnavailableError('down')]) {
    await expect(nameConflict(plane, basis, () => Promise.reject(error))).rejects.toBe(error);
  }
});
