import { ConfigError, ConflictError, parseFlagDocument, UnavailableError } from '@crossfade/core';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createAppConfigSource } from '../../src/appconfig/appconfig-source.ts';
import { type AppConfigWriterOptions, createAppConfigWriter } from '../../src/appconfig-writer/appconfig-writer.ts';
import { createColleague, emulateLocation, hostedContent, LOCATION } from '../fixture/emulated-location.ts';

const NONE = { text: '{}', version: 'none' };

describe('the AppConfig writer', () => {
  let place: Awaited<ReturnType<typeof emulateLocation>>;

  beforeEach(async () => {
    place = await emulateLocation();
  });

  function open(options: Partial<AppConfigWriterOptions> = {}) {
    return createAppConfigWriter({ ...LOCATION, endpoint: place.url, ...options });
  }

  /** What the data plane returns. */
  async function served() {
    const source = createAppConfigSource({ ...LOCATION, endpoint: place.url });
    await source.firstPoll;
    source.close();
    return source.snapshot();
  }

  it('reads the deployed flags in the shape of the data plane', async () => {
    const { text } = await open().read();
    expect(parseFlagDocument(text)).toMatchObject({
      ok: true,
      document: { issuance: { percent: 25, revision: '7' }, features: new Map([['dash-beta', true]]) },
    });
  });

  it('deploys a change that readers see at once and leaves the rest unchanged', async () => {
    const writer = open();
    const receipt = await writer.write({ issuance: { percent: 50 } }, await writer.read(), 'planned');
    expect(receipt).toEqual({ revision: '8', writtenAtMs: expect.any(Number) });
    expect(await served()).toMatchObject({
      document: { acceptance: 'both', issuance: { percent: 50 }, features: new Map([['dash-beta', true]]) },
      revision: '8',
    });
  });

  it('goes on counting revisions while the flag is off, and readers see them', async () => {
    const writer = open();
    for (const [percent, revision] of [
      [0, '8'],
      [100, '9'],
      [0, '10'],
    ] as const) {
      const receipt = await writer.write({ issuance: { percent } }, await writer.read(), 'planned');
      expect(receipt.revision).toBe(revision);
      expect(await served()).toMatchObject({ document: { issuance: { percent } }, revision });
    }
  });

  it('deploys a brownout with its end, and ends it together with issuance', async () => {
    const writer = open();
    const brownout = { percent: 2.5, untilMs: Date.parse('2026-11-21T10:00:00Z') };
    await writer.write({ brownout }, await writer.read(), 'planned');
    expect(await served()).toMatchObject({ document: { brownout, issuance: { percent: 25 }, acceptance: 'both' } });
    await writer.write({ issuance: { percent: 0 }, brownout: null }, await writer.read(), 'emergency');
    expect(await served()).toMatchObject({ document: { brownout: null, issuance: { percent: 0 }, ignored: [] } });
  });

  it('closes and reopens without changing issuance', async () => {
    const writer = open();
    await writer.write({ acceptance: 'target' }, await writer.read(), 'planned');
    expect((await served()).document).toMatchObject({ acceptance: 'target', issuance: { percent: 25 } });
    await writer.write({ acceptance: 'both' }, await writer.read(), 'planned');
    expect((await served()).document).toMatchObject({ acceptance: 'both', issuance: { percent: 25 } });
  });

  it('creates its own deployment strategy once and reuses it', async () => {
    const writer = open();
    await writer.write({ issuance: { percent: 30 } }, await writer.read(), 'planned');
    const other = open();
    await other.write({ issuance: { percent: 40 } }, await other.read(), 'planned');
    expect((await served()).document.issuance.percent).toBe(40);
  });

  it('writes to a profile without any deployment', async () => {
    const fresh = await emulateFresh();
    const writer = createAppConfigWriter({ ...LOCATION, endpoint: fresh.url, profile: 'fresh' });
    const stored = await writer.read();
    expect(JSON.parse(stored.text)).toEqual({});
    await expect(writer.write({ issuance: { percent: 5 } }, stored, 'planned')).resolves.toMatchObject({
      revision: '1',
    });
  });

  it('accepts ids instead of names', async () => {
    const { applicationId, environmentId, configurationProfileId } = place.seeded;
    const ids = { application: applicationId, environment: environmentId, profile: configurationProfileId };
    await expect(open(ids).read()).resolves.toHaveProperty('text');
  });

  it('refuses to write after a deployment since the read, and names it', async () => {
    const writer = open();
    const stored = await writer.read();
    const colleague = open();
    await colleague.write({ issuance: { percent: 30 } }, await colleague.read(), 'planned');
    const refused = writer.write({ issuance: { percent: 50 } }, stored, 'planned');
    await expect(refused).rejects.toThrow(ConflictError);
    await expect(refused).rejects.toThrow(/^deployment 2 \(version 2 of crossfade, COMPLETE, .*issue target 30 %/);
    expect((await served()).document.issuance.percent).toBe(30);
  });

  it('refuses to write after another writer stored a version since the read', async () => {
    const writer = open();
    const stored = await writer.read();
    await place.colleague.storeVersion(hostedContent({ 'dash-beta': { enabled: false } }));
    const refused = writer.write({ issuance: { percent: 50 } }, stored, 'planned');
    await expect(refused).rejects.toThrow(
      new ConflictError('another writer stored version 2 after the flags had been read'),
    );
  });

  it('detects a concurrent write through the optimistic locks, and names it', async () => {
    const writers = [open(), open(), open()];
    const bases = await Promise.all(writers.map((writer) => writer.read()));
    const written = await Promise.allSettled(
      writers.map((writer, n) => writer.write({ issuance: { percent: 30 + n } }, bases[n] ?? NONE, 'planned')),
    );
    const refused = written.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(refused).toHaveLength(2);
    for (const error of refused) {
      expect(error).toBeInstanceOf(ConflictError);
      expect(error.message).toMatch(/(deployment|version) 2 \(.*"crossfade: issue target 3\d % \(process \d+ on /);
    }
  });

  it('refuses to write while a deployment blocks the environment, and names it', async () => {
    const version = await place.colleague.storeVersion(hostedContent({ 'dash-beta': { enabled: false } }));
    await place.colleague.deploy(version, 'beta off, by Ada');
    const writer = open();
    const refused = writer.write({ issuance: { percent: 50 } }, await writer.read(), 'planned');
    await expect(refused).rejects.toThrow(ConflictError);
    await expect(refused).rejects.toThrow(/deployment 2 .*"beta off, by Ada"\) blocks the environment$/);
  });

  it('stops the deployment that blocks the environment in an emergency, then changes the current flags', async () => {
    const ramp = hostedContent({ 'issue-target': { enabled: true, percent: 90, revision: '8' } });
    await place.colleague.deploy(await place.colleague.storeVersion(ramp), 'ramp, by Ada');
    const writer = open();
    const receipt = await writer.write({ issuance: { percent: 0 } }, await writer.read(), 'emergency');
    expect(receipt.stopped).toMatch(/^deployment 2 \(version 2 of crossfade, .*"ramp, by Ada"\)$/);
    expect(await served()).toMatchObject({
      document: { issuance: { enabled: false }, features: new Map([['dash-beta', true]]) },
      revision: receipt.revision,
    });
  });

  it('stops the deployment of another profile in an emergency', async () => {
    const seed = { ...LOCATION, profile: 'other', content: hostedContent({}) };
    const other = createColleague(place.url, place.emulator.seed(seed));
    await other.deploy(await other.storeVersion(hostedContent({ x: { enabled: true } })), 'something else');
    const writer = open();
    const receipt = await writer.write({ issuance: { percent: 0 } }, await writer.read(), 'emergency');
    expect(receipt.stopped).toMatch(/of other, /);
    expect((await served()).document.issuance.enabled).toBe(false);
  });

  it('applies an emergency write to the current flags, not to those that were read', async () => {
    const writer = open();
    const stored = await writer.read();
    const colleague = open();
    await colleague.write({ acceptance: 'target' }, await colleague.read(), 'planned');
    await writer.write({ issuance: { percent: 0 } }, stored, 'emergency');
    expect((await served()).document).toMatchObject({ acceptance: 'target', issuance: { percent: 0 } });
  });

  it.each(['down', 'lost', 'error', 'throttle'] as const)(
    'gets an emergency through "%s" that passes',
    async (kind) => {
      const writer = open();
      const stored = await writer.read();
      place.emulator.faults.set({ kind, plane: 'control', times: 3 });
      await writer.write({ issuance: { percent: 0 } }, stored, 'emergency');
      expect((await served()).document.issuance.enabled).toBe(false);
    },
  );

  it('replaces unreadable flags in an emergency', async () => {
    const content = hostedContent({ 'issue-target': { enabled: true, percent: 150 }, 'dash-beta': { enabled: true } });
    place.emulator.seed({ ...LOCATION, content });
    const writer = open();
    await writer.write({ issuance: { percent: 0 } }, await writer.read(), 'emergency');
    const { document, problem } = await served();
    expect(problem).toBeUndefined();
    expect(document).toMatchObject({ issuance: { enabled: false }, features: new Map([['dash-beta', true]]) });
  });

  it('throws UnavailableError without delay when AppConfig is down', async () => {
    place.emulator.faults.set('down');
    await expect(open().read()).rejects.toThrow(UnavailableError);
  });

  it('throws UnavailableError when AppConfig never responds', async () => {
    place.emulator.faults.set('hang');
    const writer = open({ timeoutMs: 100, clientConfig: { maxAttempts: 1 } });
    await expect(writer.read()).rejects.toThrow(/^AppConfig did not list its applications \(TimeoutError/);
  });

  it('refuses a stored version that it did not return', async () => {
    const foreign = { text: '{}', version: 'sha256:abc' };
    await expect(open().write({ issuance: { percent: 1 } }, foreign, 'planned')).rejects.toThrow(ConflictError);
  });

  it.each(['application', 'environment', 'profile'])('says which %s it cannot find', async (setting) => {
    const refused = open({ [setting]: 'elsewhere' }).read();
    await expect(refused).rejects.toThrow(ConfigError);
    await expect(refused).rejects.toThrow(`flags.${setting}: AppConfig has no ${setting} "elsewhere"`);
  });

  it('refuses a profile without feature flags', async () => {
    place.emulator.seed({
      ...LOCATION,
      profile: 'text',
      type: 'AWS.Freeform',
      content: 'x',
      contentType: 'text/plain',
    });
    await expect(open({ profile: 'text' }).read()).rejects.toThrow(/flags.profile: must be a feature-flag profile/);
  });

  it("refuses a percentage outside the bounds of the flag's own definition", async () => {
    const flags = {
      'issue-target': { name: 'x', attributes: { percent: { constraints: { type: 'number', maximum: 50 } } } },
    };
    const values = { 'issue-target': { enabled: true, percent: 50 } };
    place.emulator.seed({ ...LOCATION, content: JSON.stringify({ version: '1', flags, values }) });
    const writer = open();
    const refused = writer.write({ issuance: { percent: 75 } }, await writer.read(), 'planned');
    await expect(refused).rejects.toThrow(ConfigError);
    expect((await served()).document.issuance.percent).toBe(50);
  });

  async function emulateFresh() {
    const { AppConfigClient, CreateConfigurationProfileCommand } = await import('@aws-sdk/client-appconfig');
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const client = new AppConfigClient({ endpoint: place.url, region: 'local', credentials });
    onTestFinished(() => client.destroy());
    const Type = 'AWS.AppConfig.FeatureFlags';
    const input = { ApplicationId: place.seeded.applicationId, Name: 'fresh', LocationUri: 'hosted', Type };
    await client.send(new CreateConfigurationProfileCommand(input));
    return place;
  }
});
