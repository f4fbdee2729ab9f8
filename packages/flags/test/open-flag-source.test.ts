import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { acceptanceSwitch, type FlagsPlan, issuanceSwitch } from '@crossfade/core';
import { expect, it, onTestFinished } from 'vitest';
import { openFlagSource } from '../src/open-flag-source.ts';
import { openFlagWriter } from '../src/open-flag-writer.ts';
import { emulateLocation, LOCATION } from './fixture/emulated-location.ts';
import { temporaryFolder } from './fixture/temporary-folder.ts';

async function open(plan: FlagsPlan, now?: () => number) {
  const source = await openFlagSource(plan, now === undefined ? {} : { now });
  onTestFinished(() => void source.close());
  return source;
}

it('opens a file source and resolves once the document is read', async () => {
  const path = join(temporaryFolder(), 'flags.json');
  writeFileSync(path, '{"issue-target":{"enabled":true,"percent":25},"accept-legacy":{"enabled":false}}');
  const source = await open({ source: 'file', path });
  expect(acceptanceSwitch(source)()).toBe('target');
  expect(issuanceSwitch(source)()).toMatchObject({ percent: 25, stale: false });
});

it('opens AppConfig', async () => {
  const { url } = await emulateLocation();
  const source = await open({ source: 'appconfig', ...LOCATION, endpoint: url, pollIntervalMs: 15_000 });
  expect(source.snapshot()).toMatchObject({ document: { issuance: { percent: 25 } }, revision: '7' });
});

it.each<FlagsPlan>([
  { source: 'file', path: '/nowhere/flags.json' },
  { source: 'agent', ...LOCATION, url: 'http://127.0.0.1:1', pollIntervalMs: 15_000 },
  { source: 'appconfig', ...LOCATION, endpoint: 'http://127.0.0.1:1', pollIntervalMs: 15_000 },
])('resolves with the defaults when the $source store is unreachable', async (plan) => {
  const { document, stale, problem } = (await open(plan)).snapshot();
  expect({ acceptance: document.acceptance, percent: document.issuance.percent, stale }).toEqual({
    acceptance: 'both',
    percent: 0,
    stale: true,
  });
  expect(problem).toBeTypeOf('string');
});

it('caches the positions on disk for a restart without network', async () => {
  const cacheDirectory = temporaryFolder();
  const { url, emulator } = await emulateLocation();
  const plan = { source: 'appconfig', ...LOCATION, endpoint: url, pollIntervalMs: 15_000 } as const;
  const before = await openFlagSource(plan, { cacheDirectory });
  await before.close();
  emulator.faults.set('down');
  const source = await openFlagSource(plan, { cacheDirectory });
  onTestFinished(() => void source.close());
  expect(issuanceSwitch(source)()).toMatchObject({ percent: 25, revision: '7', stale: true });
  expect(source.snapshot().problem).toMatch(/^AppConfig did not respond .*; the flags come from the disk cache$/);
});

it('does not cache a file source', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'flags.json'), '{}');
  const source = await openFlagSource({ source: 'file', path: join(folder, 'flags.json') }, { cacheDirectory: folder });
  await source.close();
  expect(readdirSync(folder)).toEqual(['flags.json']);
});

it('measures ages with the given clock', async () => {
  const path = join(temporaryFolder(), 'flags.json');
  writeFileSync(path, '{}');
  let nowMs = 5000;
  const source = await open({ source: 'file', path }, () => nowMs);
  source.close();
  nowMs += 60_000;
  expect(source.snapshot()).toMatchObject({ ageSeconds: 60, stale: true });
});

it('refuses a source that it does not know, instead of opening another', async () => {
  const plan = { source: 'appconfg', application: 'orders', environment: 'prod', profile: 'crossfade' };
  await expect(openFlagSource(plan as never)).rejects.toThrow(
    /flags\.source: must be file, appconfig or agent, not appconfg/,
  );
  await expect(openFlagWriter(plan as never)).rejects.toThrow(/flags\.source/);
});
