import { mkdtemp, readdir, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_FLAG_DOCUMENT } from '@crossfade/core';
import type { PolledFlagSource } from '@crossfade/flags/file';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAgentStore } from './agent-store.ts';
import { createAppConfigStore } from './appconfig-store.ts';
import { createFileStore } from './file-store.ts';
import { createOpenFeatureStore } from './openfeature-store.ts';
import type { StoreUnderTest } from './store-under-test.ts';

const CLOSED = { 'issue-target': { enabled: true, percent: 75, revision: '9' }, 'accept-legacy': { enabled: false } };
const REOPENED = { 'issue-target': { enabled: false }, 'accept-legacy': { enabled: true } };

describe.each([
  ['appconfig', createAppConfigStore],
  ['agent', createAgentStore],
  ['file', createFileStore],
  ['openfeature', createOpenFeatureStore],
])('a flag source on %s with a disk cache', (_name, createStore) => {
  let store: StoreUnderTest;
  let folder: string;
  let source: PolledFlagSource;

  beforeEach(async () => {
    store = await createStore();
    folder = await mkdtemp(join(tmpdir(), 'crossfade-contract-'));
    await store.publish(CLOSED);
    await start();
  });

  afterEach(async () => {
    source.close();
    await store.close();
    await rm(folder, { recursive: true });
  });

  async function start(): Promise<void> {
    source = store.open(folder);
    await source.firstPoll;
  }

  async function restart(): Promise<void> {
    source.close();
    await start();
  }

  it('has the switch positions after a restart offline, stale until the store confirms them', async () => {
    await store.breakDown();
    await restart();
    const { document, revision, ageSeconds, stale, problem } = source.snapshot();
    expect(document).toMatchObject({ acceptance: 'target', issuance: { enabled: true, percent: 75 } });
    expect({ revision, ageSeconds, stale }).toEqual({ revision: '9', ageSeconds: null, stale: true });
    expect(problem).toMatch(/; the flags come from the disk cache$/);
    await store.repair();
    await until(() => !source.snapshot().stale);
    expect(source.snapshot().document.acceptance).toBe('target');
    expect(source.snapshot().problem).toBeUndefined();
    expect(source.refreshes().updated).toBe(0);
  });

  it('has the last good document, not the last served one', async () => {
    await store.publishGarbage();
    await until(() => source.refreshes().refused > 0);
    await store.breakDown();
    await restart();
    expect(source.snapshot().document.acceptance).toBe('target');
  });

  it('prefers the store over its cache once the store responds', async () => {
    source.close();
    await store.publish(REOPENED);
    await start();
    expect(source.snapshot()).toMatchObject({ document: { acceptance: 'both' }, stale: false });
    await store.breakDown();
    await restart();
    expect(source.snapshot()).toMatchObject({ document: { acceptance: 'both', issuance: { enabled: false } } });
  });

  it('starts with the defaults and reports why when its cache is damaged', async () => {
    const [name] = await readdir(folder);
    await truncate(join(folder, String(name)), 40);
    await store.breakDown();
    await restart();
    expect(source.snapshot()).toMatchObject({ document: DEFAULT_FLAG_DOCUMENT, stale: true });
    expect(source.snapshot().problem).toMatch(/; the disk cache is not used: .* is damaged$/);
    await store.repair();
    await until(() => source.snapshot().problem === undefined);
    await store.breakDown();
    await restart();
    expect(source.snapshot().document.acceptance).toBe('target');
  });
});

function until(condition: () => boolean): Promise<void> {
  return vi.waitFor(() => expect(condition()).toBe(true), { timeout: 15_000, interval: 10 });
}
