import { AppConfigClient, UpdateEnvironmentCommand } from '@aws-sdk/client-appconfig';
import { ConflictError, UnavailableError } from '@crossfade/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { createAppConfigSource } from '../../src/appconfig/appconfig-source.ts';
import { createAppConfigWriter } from '../../src/appconfig-writer/appconfig-writer.ts';
import { emulateLocation, hostedContent, LOCATION } from '../fixture/emulated-location.ts';

const ALARM = 'arn:aws:cloudwatch:eu-central-1:111122223333:alarm:errors';
let place: Awaited<ReturnType<typeof emulateLocation>>;

beforeEach(async () => {
  place = await emulateLocation();
});

function open() {
  return createAppConfigWriter({ ...LOCATION, endpoint: place.url });
}

async function served() {
  const source = createAppConfigSource({ ...LOCATION, endpoint: place.url });
  await source.firstPoll;
  source.close();
  return source.snapshot();
}

describe('the name and the hash of the flags', () => {
  it.each([
    ['25 %', { issuance: { percent: 25 } }],
    ['0 %', { issuance: { percent: 0 } }],
    ['a close', { acceptance: 'target' }],
  ] as const)('are the same from both planes at %s', async (_what, change) => {
    const writer = open();
    await writer.write(change, await writer.read(), 'planned');
    const { source, hash } = await writer.read();
    expect(source).toBe('appconfig orders/prod/crossfade');
    expect(await served()).toMatchObject({ source, hash });
  });
});

describe('the record in AppConfig', () => {
  it("has Crossfade's moves with who and why, and what others deployed with its positions", async () => {
    const writer = open();
    const note = { verb: 'advance', operator: 'alice', reason: 'all green' };
    await writer.write({ issuance: { percent: 50 } }, await writer.read(), 'planned', note);
    const content = hostedContent({ 'issue-target': { enabled: true, percent: 60 } });
    await place.colleague.deploy(await place.colleague.storeVersion(content), 'by hand');
    const rollback = { verb: 'rollback', operator: 'bob' };
    await writer.write({ issuance: { percent: 0 } }, await writer.read(), 'emergency', rollback);
    const history = await open().history();
    expect(history).toMatchObject([
      { ...rollback, state: 'written', from: { percent: 50 }, to: { percent: 0, acceptance: 'both' }, revision: '9' },
      { state: 'rolled_back', revision: null, to: { percent: 60, acceptance: 'both' } },
      { ...note, state: 'written', from: { percent: 25 }, to: { percent: 50 }, revision: '8' },
      { state: 'written', to: { percent: 25 } },
    ]);
    expect(history[0]?.id).toMatch(/^deployment 4 \(version 4\)$/);
    expect(history[1]).not.toHaveProperty('verb');
    expect(await open().history(2)).toHaveLength(2);
  });

  it('names the deployments in progress', async () => {
    expect(await open().running()).toEqual([]);
    const content = hostedContent({ 'issue-target': { enabled: true, percent: 60 } });
    await place.colleague.deploy(await place.colleague.storeVersion(content), 'by hand');
    expect(await open().running()).toEqual([
      { name: expect.stringMatching(/^deployment 2 .*BAKING.*by hand/), startedAtMs: expect.any(Number) },
    ]);
  });
});

describe('a rollback', () => {
  it('leaves a deployment alone that is all-legacy already: to stop it would revert to the version before', async () => {
    const content = hostedContent({ 'issue-target': { enabled: false, revision: '12' } });
    await place.colleague.deploy(await place.colleague.storeVersion(content), 'by hand');
    const receipt = await open().write({ issuance: { percent: 0 } }, await open().read(), 'emergency');
    expect(receipt).toMatchObject({
      leftAlone: expect.stringMatching(/deployment 2 .*was left alone/),
      revision: '12',
    });
    expect((await served()).document.issuance.percent).toBe(0);
    expect(await open().running()).toHaveLength(1);
  });

  it('stops one that would close, or that issues target', async () => {
    const content = hostedContent({ 'issue-target': { enabled: false }, 'accept-legacy': { enabled: false } });
    await place.colleague.deploy(await place.colleague.storeVersion(content), 'by hand');
    const receipt = await open().write({ issuance: { percent: 0 } }, await open().read(), 'emergency');
    expect(receipt.stopped).toMatch(/deployment 2/);
    expect((await served()).document).toMatchObject({ acceptance: 'both', issuance: { percent: 0 } });
  });
});

describe('an alarm of the environment in ALARM', () => {
  it('is named as what takes each deployment back, with the way out, and is not tried again and again', async () => {
    const { applicationId: ApplicationId, environmentId: EnvironmentId } = place.seeded;
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const client = new AppConfigClient({ endpoint: place.url, region: 'local', credentials });
    await client.send(new UpdateEnvironmentCommand({ ApplicationId, EnvironmentId, Monitors: [{ AlarmArn: ALARM }] }));
    place.emulator.setAlarm(ALARM, 'ALARM');
    const refused = open().write({ issuance: { percent: 0 } }, await open().read(), 'emergency');
    await expect(refused).rejects.toThrow(UnavailableError);
    await expect(refused).rejects.toThrow(/CloudWatch alarm .* is in ALARM.*aws appconfig update-environment/);
    await expect(refused).rejects.not.toThrow(ConflictError);
    expect(await open().history()).toHaveLength(2);
    place.emulator.setAlarm(ALARM, 'OK');
    await open().write({ issuance: { percent: 0 } }, await open().read(), 'emergency');
    expect((await served()).document.issuance.percent).toBe(0);
  });
});
