import { ConflictError } from '@crossfade/core';
import { expect, it } from 'vitest';
import { createAppConfigControlPlane } from '../../src/appconfig-writer/appconfig-control-plane.ts';
import { awaitComplete, awaitFinal, describeDeployment, isRunning } from '../../src/appconfig-writer/deployment.ts';
import { emulateLocation, hostedContent, LOCATION } from '../fixture/emulated-location.ts';

async function setUp() {
  const { emulator, url, colleague } = await emulateLocation();
  const plane = createAppConfigControlPlane({ ...LOCATION, endpoint: url, timeoutMs: 5000 });
  const number = await colleague.deploy(await colleague.storeVersion(hostedContent({})), 'by Ada');
  return { emulator, plane, number };
}

it.each([
  ['VALIDATING', true],
  ['DEPLOYING', true],
  ['BAKING', true],
  ['ROLLING_BACK', true],
  ['COMPLETE', false],
  ['ROLLED_BACK', false],
  ['REVERTED', false],
] as const)('%s: running %s', (State, running) => {
  expect(isRunning({ State })).toBe(running);
});

it('names a deployment with its version, state, start and description', async () => {
  const { plane, number } = await setUp();
  expect(await describeDeployment(plane, number)).toMatch(
    /^deployment 2 \(version 2 of crossfade, (DEPLOYING|BAKING), started \d{4}-\d\d-\d\dT[^ ]+Z: "by Ada"\)$/,
  );
});

it('waits until baking has ended', async () => {
  const { emulator, plane, number } = await setUp();
  const complete = awaitComplete(plane, number);
  emulator.clock.advance(11 * 60_000);
  await expect(complete).resolves.toBeUndefined();
});

it('says what rolled a deployment back during the wait', async () => {
  const { plane, number } = await setUp();
  const complete = awaitComplete(plane, number);
  await plane.stopDeployment(number);
  await expect(complete).rejects.toThrow(ConflictError);
  await expect(complete).rejects.toThrow(/^deployment 2 .* was rolled back by USER$/);
  expect(await awaitFinal(plane, number)).toBe('ROLLED_BACK');
});
