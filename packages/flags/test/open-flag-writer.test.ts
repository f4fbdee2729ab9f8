import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '@crossfade/core';
import { expect, it } from 'vitest';
import { openFlagWriter } from '../src/open-flag-writer.ts';
import { emulateLocation, LOCATION } from './fixture/emulated-location.ts';
import { temporaryFolder } from './fixture/temporary-folder.ts';

it('opens a file writer', async () => {
  const path = join(temporaryFolder(), 'flags.json');
  writeFileSync(path, '{}');
  const writer = await openFlagWriter({ source: 'file', path }, { now: () => 7 });
  const receipt = await writer.write({ issuance: { percent: 1 } }, await writer.read(), 'planned');
  expect(receipt).toEqual({ revision: '1', writtenAtMs: 7 });
});

it('opens AppConfig', async () => {
  const { url } = await emulateLocation();
  const plan = { source: 'appconfig', ...LOCATION, endpoint: url, pollIntervalMs: 15_000 } as const;
  const writer = await openFlagWriter(plan);
  await expect(writer.read()).resolves.toMatchObject({ text: expect.stringContaining('"percent":25') });
});

it('rejects an Agent, which only reads', async () => {
  const plan = { source: 'agent', ...LOCATION, url: 'http://127.0.0.1:1', pollIntervalMs: 15_000 } as const;
  await expect(openFlagWriter(plan)).rejects.toThrow(ConfigError);
  await expect(openFlagWriter(plan)).rejects.toThrow(/flags.source: an AppConfig Agent only reads/);
});
