import { createEmulator } from '@crossfade/appconfig-emulator';
import { ConfigError, UnavailableError } from '@crossfade/core';
import { expect, it, onTestFinished } from 'vitest';
import { createAppConfigWriter } from '../../src/appconfig-writer/appconfig-writer.ts';
import { type ProvisionedResource, provisionAppConfig } from '../../src/appconfig-writer/provision-location.ts';
import { emulateLocation, LOCATION } from '../fixture/emulated-location.ts';

async function provision(endpoint: string, location = LOCATION) {
  const resources: ProvisionedResource[] = [];
  const done = provisionAppConfig({ ...location, endpoint }, (resource) => resources.push(resource));
  const error: unknown = await done.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { resources: resources.map(({ kind, isNew }) => `${isNew ? 'made' : 'there'} ${kind}`), error };
}

it('creates what a location needs in an empty account, and a writer works there', async () => {
  const emulator = createEmulator({ pollIntervalSeconds: 1 });
  onTestFinished(() => emulator.close());
  const { url } = await emulator.listen();
  const made = ['made application', 'made environment', 'made profile', 'made deployment strategy'];
  expect(await provision(url)).toEqual({ resources: made, error: undefined });
  expect(await provision(url)).toEqual({
    resources: made.map((kind) => kind.replace('made', 'there')),
    error: undefined,
  });
  const writer = createAppConfigWriter({ ...LOCATION, endpoint: url });
  await expect(writer.write({ issuance: { percent: 5 } }, await writer.read(), 'planned')).resolves.toHaveProperty(
    'revision',
  );
});

it('creates what is missing only', async () => {
  const { url } = await emulateLocation();
  const { resources } = await provision(url, { ...LOCATION, environment: 'staging' });
  expect(resources).toEqual(['there application', 'made environment', 'there profile', 'made deployment strategy']);
});

it('refuses a profile that holds something else, after it has told what exists', async () => {
  const { url, emulator } = await emulateLocation();
  emulator.seed({ ...LOCATION, profile: 'text', type: 'AWS.Freeform', content: '{}' });
  const { resources, error } = await provision(url, { ...LOCATION, profile: 'text' });
  expect(resources).toEqual(['there application', 'there environment']);
  expect(error).toBeInstanceOf(ConfigError);
});

it('reports an outage', async () => {
  const { url, emulator } = await emulateLocation();
  emulator.faults.set({ kind: 'error', plane: 'control' });
  const { resources, error } = await provision(url);
  expect(resources).toEqual([]);
  expect(error).toBeInstanceOf(UnavailableError);
});
