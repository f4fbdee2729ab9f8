import {
  BadRequestException,
  GetDeploymentCommand,
  ResourceNotFoundException,
  StopDeploymentCommand,
} from '@aws-sdk/client-appconfig';
import { expect, test } from 'vitest';
import { flagDocument, rejection, startEmulator } from '../fixture.ts';

const HOUR_MS = 3_600_000;
const LEGACY = flagDocument({ 'issue-target': { enabled: false } });
const HALF = flagDocument({ 'issue-target': { enabled: true } });

async function startWithLegacy() {
  const emulator = await startEmulator();
  const place = await emulator.createAll();
  const { ApplicationId, EnvironmentId } = place;
  const stop = (DeploymentNumber: number, AllowRevert?: boolean) =>
    emulator.control.send(new StopDeploymentCommand({ ApplicationId, EnvironmentId, DeploymentNumber, AllowRevert }));
  const get = (DeploymentNumber: number) =>
    emulator.control.send(new GetDeploymentCommand({ ApplicationId, EnvironmentId, DeploymentNumber }));
  const live = async () => JSON.parse((await emulator.poll(await emulator.start())).text);
  await emulator.deploy(place, LEGACY);
  return { ...emulator, place, stop, get, live };
}

test.each([
  ['deploying', 0],
  ['baking', 60_000],
])('a deployment that is %s is rolled back, with or without AllowRevert', async (_state, afterMs) => {
  for (const allowRevert of [undefined, true]) {
    const { clock, createStrategy, deploy, place, stop, get, live } = await startWithLegacy();
    await deploy({ ...place, DeploymentStrategyId: await createStrategy({ duration: 1, bake: 1 }) }, HALF);
    clock.advance(afterMs);
    expect(await live()).toEqual({ 'issue-target': { enabled: true } });
    expect(await stop(2, allowRevert)).toMatchObject({ State: 'ROLLING_BACK', $metadata: { httpStatusCode: 202 } });
    expect(await get(2)).toMatchObject({ State: 'ROLLED_BACK', PercentageComplete: 0 });
    expect(await live()).toEqual({ 'issue-target': { enabled: false } });
    expect(await deploy(place, HALF)).toMatchObject({ DeploymentNumber: 3 });
  }
});

test('a complete deployment is reverted only with AllowRevert, and only for 72 hours', async () => {
  const { clock, deploy, place, stop, get, live } = await startWithLegacy();
  await deploy(place, HALF);
  await rejection(stop(2), BadRequestException);
  await rejection(stop(2, false), BadRequestException);
  clock.advance(72 * HOUR_MS);
  expect(await stop(2, true)).toMatchObject({ State: 'REVERTED' });
  expect((await get(2)).EventLog?.[0]).toMatchObject({ EventType: 'REVERT_COMPLETED', TriggeredBy: 'USER' });
  expect(await live()).toEqual({ 'issue-target': { enabled: false } });

  await deploy(place, HALF);
  clock.advance(72 * HOUR_MS + 1);
  await rejection(stop(3, true), BadRequestException);
});

test('a revert returns to the previous version, even if that one was rolled out by mistake', async () => {
  const { deploy, place, stop, live } = await startWithLegacy();
  await deploy(place, HALF);
  await deploy(place, flagDocument({ 'issue-target': { enabled: true, percent: 100 } }));
  await stop(3, true);
  expect(await live()).toEqual({ 'issue-target': { enabled: true } });
});

test('a deployment that has ended, was superseded or does not exist is not stopped', async () => {
  const { deploy, place, stop } = await startWithLegacy();
  await deploy(place, HALF);
  await rejection(stop(1, true), BadRequestException);
  await stop(2, true);
  await rejection(stop(2, true), BadRequestException);
  await rejection(stop(7), ResourceNotFoundException);
});
