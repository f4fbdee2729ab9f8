import { ConfigError } from '@crossfade/core';
import { expect, it } from 'vitest';
import { createAgentSource } from '../../src/agent/agent-source.ts';
import { createAppConfigSource } from '../../src/appconfig/appconfig-source.ts';
import { createAppConfigWriter } from '../../src/appconfig-writer/appconfig-writer.ts';
import { createFileSource } from '../../src/file/file-source.ts';
import { createFileWriter } from '../../src/file/file-writer.ts';
import { openFlagSource } from '../../src/open-flag-source.ts';
import { createOpenFeatureSource } from '../../src/openfeature/openfeature-source.ts';
import { openControlledClient } from '../fixture/open-feature-client.ts';

const LOCATION = { application: 'orders', environment: 'prod', profile: 'crossfade' };
const WRONG = { ...LOCATION, profile: '', endpoint: 'localhost:1', timeoutMs: Number.NaN };

it.each([
  ['a file source', () => createFileSource({ path: '', intervalMs: 0 }), ['path', 'intervalMs']],
  ['a file writer', () => createFileWriter({ path: '' }), ['path']],
  [
    'an Agent source',
    () => createAgentSource({ ...WRONG, url: 'nowhere' }),
    ['profile', 'url', 'endpoint', 'timeoutMs'],
  ],
  [
    'an AppConfig source',
    () => createAppConfigSource({ ...WRONG, pollIntervalMs: -1 }),
    ['profile', 'endpoint', 'pollIntervalMs', 'timeoutMs'],
  ],
  ['a file source with an interval over a day', () => createFileSource({ path: 'x', intervalMs: 9e7 }), ['intervalMs']],
  ['an AppConfig writer', () => createAppConfigWriter(WRONG), ['profile', 'endpoint', 'timeoutMs']],
])('%s names every wrong option', (_name, create, paths) => {
  expect(problemPaths(create)).toEqual(paths);
});

it('an OpenFeature source with a cache directory requires a migration', async () => {
  const { client } = await openControlledClient({});
  expect(problemPaths(() => createOpenFeatureSource({ client, cacheDirectory: '/tmp' }))).toEqual(['migration']);
});

it('the old name of the cache directory is refused, not ignored', async () => {
  const old: object = { keepIn: '/tmp' };
  expect(problemPaths(() => createFileSource({ path: 'x', ...old }))).toEqual(['keepIn']);
  await expect(openFlagSource({ source: 'file', path: 'x' }, old)).rejects.toThrow('did you mean cacheDirectory?');
});

function problemPaths(create: () => unknown): readonly string[] {
  try {
    create();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ path }) => path);
    throw error;
  }
  return [];
}
