import { GetDeploymentCommand } from '@aws-sdk/client-appconfig';
import { expect, test } from 'vitest';
import { createEmulator } from '../src/emulator.ts';
import { flagDocument, startEmulator } from './fixture.ts';

test('a deployed flag document reaches a polling client, and a second poll returns "unchanged"', async () => {
  const { control, start, poll, clock, createAll, deploy } = await startEmulator();
  const place = await createAll();
  const deployment = await deploy(
    place,
    flagDocument({ 'issue-target': { enabled: true, percent: 25 }, 'accept-legacy': { enabled: false } }),
  );
  expect(deployment).toMatchObject({ State: 'DEPLOYING', DeploymentNumber: 1 });
  const { ApplicationId, EnvironmentId } = place;
  expect(
    await control.send(new GetDeploymentCommand({ ApplicationId, EnvironmentId, DeploymentNumber: 1 })),
  ).toMatchObject({
    State: 'COMPLETE',
    PercentageComplete: 100,
  });

  const first = await poll(await start());
  expect(JSON.parse(first.text)).toEqual({
    'issue-target': { enabled: true, percent: 25 },
    'accept-legacy': { enabled: false },
  });
  expect(first.NextPollIntervalInSeconds).toBe(15);

  clock.advance(15_000);
  const second = await poll(first.token);
  expect(second.text).toBe('');
});

test('listens on a free port and frees it on close', async () => {
  const emulator = createEmulator();
  const { url } = await emulator.listen();
  expect((await fetch(`${url}/_emulator`)).status).toBe(200);
  await emulator.close();
  await expect(fetch(`${url}/_emulator`)).rejects.toThrow();
});

test.each([0, -1, 1.5, Number.NaN])('rejects a poll interval of %s seconds', (pollIntervalSeconds) => {
  expect(() => createEmulator({ pollIntervalSeconds })).toThrow(RangeError);
});
