import { expect, it } from 'vitest';
import { createAppConfigWriter } from '../../src/appconfig-writer.ts';
import { emulateLocation, hostedContent, LOCATION } from '../fixture/emulated-location.ts';

const NOTE = { verb: 'advance', operator: 'ada' };
const HALF = { 'issue-target': { enabled: true, percent: 50 } };

async function setUp() {
  const { url, colleague } = await emulateLocation();
  const writer = createAppConfigWriter({ ...LOCATION, endpoint: url });
  const read = async () => (await writer.read()).handles;
  return { url, writer, colleague, read };
}

it('tells the ids, the region and the endpoint that it reads from', async () => {
  const { read, url } = await setUp();
  expect(await read()).toMatchObject({
    applicationId: expect.stringMatching(/^[a-z0-9]{7}$/),
    environmentId: expect.stringMatching(/^[a-z0-9]{7}$/),
    profileId: expect.stringMatching(/^[a-z0-9]{7}$/),
    region: 'local',
    endpoint: url,
    strategyId: null,
    running: null,
  });
});

it('finds the newest all-legacy version, by description where there is one, else by content', async () => {
  const { read, writer, colleague } = await setUp();
  await writer.write({ issuance: { percent: 0 } }, await writer.read(), 'planned', NOTE);
  await writer.write({ issuance: { percent: 60 } }, await writer.read(), 'planned', NOTE);
  expect(await read()).toMatchObject({ legacyVersion: 2, strategyId: expect.any(String) });
  await colleague.storeVersion(hostedContent(HALF));
  expect(await read()).toMatchObject({ legacyVersion: 2 });
  const stored = await colleague.storeVersion(hostedContent({ 'issue-target': { enabled: false } }));
  expect(await read()).toMatchObject({ legacyVersion: stored });
});

it('names the deployment that is running', async () => {
  const { read, colleague } = await setUp();
  const number = await colleague.deploy(await colleague.storeVersion(hostedContent(HALF)), 'x');
  expect(await read()).toMatchObject({ running: number });
});
