import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, type EventDetails, OpenFeature, ProviderEvents, ProviderStatus } from '@openfeature/server-sdk';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createFileSource } from '../../src/file/file-source.ts';
import { createOpenFeatureProvider } from '../../src/openfeature/openfeature-provider.ts';
import { createOpenFeatureSource } from '../../src/openfeature/openfeature-source.ts';
import { temporaryFolder } from '../fixture/temporary-folder.ts';

const QUARTER = {
  'issue-target': { enabled: true, percent: 25, revision: '7', since: '2026-05-04T10:00:00.000Z' },
  'accept-legacy': { enabled: true },
  'dash-beta': { enabled: true },
  'dash-public': { enabled: false },
};

interface House {
  readonly client: Client;
  readonly source: ReturnType<typeof createFileSource>;
  readonly initialised: Promise<void>;
  readonly emitted: [event: string, details: EventDetails | undefined][];
  write(flags: object): void;
  advance(ms: number): void;
}

/** A file, its source, the provider over the source, and the official SDK's client. */
async function open(flags?: object): Promise<House> {
  const path = join(temporaryFolder(), 'flags.json');
  const write = (content: object) => writeFileSync(path, JSON.stringify(content));
  if (flags !== undefined) write(flags);
  let aheadMs = 0;
  const source = createFileSource({ path, intervalMs: 10, now: () => Date.now() + aheadMs });
  onTestFinished(() => source.close());
  await source.firstPoll;
  const domain = crypto.randomUUID();
  const client = OpenFeature.getClient(domain);
  const initialised = OpenFeature.setProviderAndWait(
    domain,
    createOpenFeatureProvider({ flags: source, intervalMs: 10 }),
  );
  onTestFinished(() => OpenFeature.clearProviders());
  const emitted: House['emitted'] = [];
  for (const event of Object.values(ProviderEvents)) {
    client.addHandler(event, (details) => void emitted.push([event, details]));
  }
  const advance = (ms: number) => {
    aheadMs += ms;
  };
  return { client, source, initialised, emitted, write, advance };
}

it('resolves booleans, the percentage and whole flags', async () => {
  const { client, initialised } = await open(QUARTER);
  await initialised;
  expect(client.providerStatus).toBe(ProviderStatus.READY);
  expect(await client.getBooleanValue('issue-target', false)).toBe(true);
  expect(await client.getNumberValue('issue-target', 0)).toBe(25);
  expect(await client.getBooleanValue('dash-beta', false)).toBe(true);
  expect(await client.getBooleanValue('dash-public', true)).toBe(false);
  for (const [name, flag] of Object.entries(QUARTER)) expect(await client.getObjectValue(name, {})).toEqual(flag);
});

it('returns reason and revision with each value', async () => {
  const { client, initialised } = await open(QUARTER);
  await initialised;
  expect(await client.getBooleanDetails('accept-legacy', false)).toEqual({
    flagKey: 'accept-legacy',
    value: true,
    reason: 'STATIC',
    flagMetadata: { revision: '7', stale: false, ageSeconds: expect.any(Number) },
  });
});

it('resolves percentage 0 for a switch that is off', async () => {
  const { client, initialised } = await open({ 'issue-target': { enabled: false } });
  await initialised;
  expect(await client.getNumberValue('issue-target', 100)).toBe(0);
  expect(await client.getObjectValue('issue-target', {})).toEqual({ enabled: false });
});

it.each([
  ['FLAG_NOT_FOUND', 'an unknown flag', (client: Client) => client.getBooleanDetails('missing', true), true],
  ['TYPE_MISMATCH', 'the number of a feature', (client: Client) => client.getNumberDetails('dash-beta', 7), 7],
  ['TYPE_MISMATCH', 'a string', (client: Client) => client.getStringDetails('accept-legacy', 'x'), 'x'],
])('returns the default and %s for %s', async (errorCode, _name, evaluate, value) => {
  const { client, initialised } = await open(QUARTER);
  await initialised;
  expect(await evaluate(client)).toMatchObject({ value, errorCode, reason: 'ERROR' });
});

it('announces a change with the changed flags and the revision', async () => {
  const { initialised, emitted, write } = await open(QUARTER);
  await initialised;
  write({
    ...QUARTER,
    'issue-target': { enabled: true, percent: 50, revision: '8' },
    'dash-public': { enabled: true },
  });
  const changes = () => emitted.filter(([event]) => event === ProviderEvents.ConfigurationChanged);
  await vi.waitFor(() => expect(changes()).toHaveLength(1));
  expect(changes()[0]?.[1]).toMatchObject({
    flagsChanged: ['issue-target', 'dash-public'],
    metadata: { revision: '8' },
  });
});

it('announces STALE while the store is gone, keeps its values, and announces READY when it is back', async () => {
  const { client, initialised, source, emitted, advance } = await open(QUARTER);
  await initialised;
  source.close();
  advance(60_000);
  await vi.waitFor(() => expect(client.providerStatus).toBe(ProviderStatus.STALE));
  expect(emitted.at(-1)).toMatchObject([ProviderEvents.Stale, { metadata: { revision: '7' } }]);
  expect(await client.getNumberDetails('issue-target', 0)).toMatchObject({ value: 25, reason: 'STALE' });
  advance(-60_000);
  await vi.waitFor(() => expect(client.providerStatus).toBe(ProviderStatus.READY));
  expect(emitted.map(([event]) => event)).toEqual([ProviderEvents.Ready, ProviderEvents.Stale, ProviderEvents.Ready]);
});

it('is in error with the safe positions until the first document, then ready', async () => {
  const { client, initialised, emitted, write } = await open();
  await expect(initialised).rejects.toThrow(/does not exist/);
  expect(client.providerStatus).toBe(ProviderStatus.ERROR);
  expect(await client.getBooleanDetails('accept-legacy', false)).toMatchObject({ value: true, reason: 'DEFAULT' });
  expect(await client.getBooleanDetails('issue-target', true)).toMatchObject({ value: false, reason: 'DEFAULT' });
  write(QUARTER);
  await vi.waitFor(() => expect(client.providerStatus).toBe(ProviderStatus.READY));
  expect(emitted.slice(-2).map(([event]) => event)).toEqual([
    ProviderEvents.Ready,
    ProviderEvents.ConfigurationChanged,
  ]);
});

it('emits nothing once closed, and leaves its source open', async () => {
  const { initialised, source, emitted, write } = await open(QUARTER);
  await initialised;
  await OpenFeature.clearProviders();
  const before = emitted.length;
  write({});
  await vi.waitFor(() => expect(source.snapshot().document.features.size).toBe(0));
  expect(emitted).toHaveLength(before);
});

it('can be read back by an OpenFeature source', async () => {
  const { client, initialised, source } = await open(QUARTER);
  await initialised;
  const back = createOpenFeatureSource({ client, features: ['dash-beta', 'dash-public'] });
  onTestFinished(() => back.close());
  await back.firstPoll;
  expect(back.snapshot()).toMatchObject({ document: source.snapshot().document, revision: '7', stale: false });
});
