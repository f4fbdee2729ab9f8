import { ConflictError } from '@crossfade/core';
import { expect, it } from 'vitest';
import { createAppConfigControlPlane } from '../../src/appconfig-writer/appconfig-control-plane.ts';
import { parseExpectedVersion, readState, toStoredFlags } from '../../src/appconfig-writer/appconfig-state.ts';
import { emulateLocation, hostedContent, LOCATION } from '../fixture/emulated-location.ts';

async function setUp() {
  const { emulator, url, colleague } = await emulateLocation();
  return { emulator, colleague, plane: createAppConfigControlPlane({ ...LOCATION, endpoint: url, timeoutMs: 5000 }) };
}

it('returns the deployed version, not a newer stored one', async () => {
  const { plane, colleague } = await setUp();
  await colleague.storeVersion(hostedContent({}));
  const standing = await readState(plane);
  expect(standing).toMatchObject({ deployment: 1, version: 2, running: null, servedVersion: 1 });
  expect(parseExpectedVersion(toStoredFlags(standing, 'appconfig a/e/p').version)).toEqual({
    deployment: 1,
    version: 2,
  });
});

it('returns the previous version during a deployment and after its rollback', async () => {
  const { plane, colleague } = await setUp();
  const number = await colleague.deploy(await colleague.storeVersion(hostedContent({})), 'x');
  expect(await readState(plane)).toMatchObject({ deployment: 2, running: 2, servedVersion: 1 });
  await plane.stopDeployment(number);
  expect(await readState(plane)).toMatchObject({ deployment: 2, running: null, servedVersion: 1 });
});

it("ignores another profile's deployments", async () => {
  const { plane, emulator } = await setUp();
  emulator.seed({ ...LOCATION, profile: 'other', content: hostedContent({}) });
  expect(await readState(plane)).toMatchObject({ deployment: 2, version: 1, servedVersion: 1 });
});

it.each(['', 'absent', '7', '{"deployment":1}', '{"deployment":"1","version":2}'])(
  'refuses %j as an expected version',
  (version) => {
    expect(() => parseExpectedVersion(version)).toThrow(ConflictError);
  },
);
