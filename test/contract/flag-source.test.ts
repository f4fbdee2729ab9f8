import { DEFAULT_FLAG_DOCUMENT, type FlagSnapshot } from '@crossfade/core';
import type { PolledFlagSource } from '@crossfade/flags/file';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAgentStore } from './agent-store.ts';
import { createAppConfigStore } from './appconfig-store.ts';
import { createFileStore } from './file-store.ts';
import { createOpenFeatureStore } from './openfeature-store.ts';
import type { StoreUnderTest } from './store-under-test.ts';

const QUARTER = { 'issue-target': { enabled: true, percent: 25, revision: '7' }, 'accept-legacy': { enabled: true } };
const HALF = { 'issue-target': { enabled: true, percent: 50, revision: '8' }, 'accept-legacy': { enabled: true } };
const CLOSED = { 'issue-target': { enabled: true, revision: '9' }, 'accept-legacy': { enabled: false } };
const IMPOSSIBLE = { 'issue-target': { enabled: true, percent: 150 }, 'accept-legacy': { enabled: false } };

describe.each([
  ['file', createFileStore],
  ['appconfig', createAppConfigStore],
  ['agent', createAgentStore],
  ['openfeature', createOpenFeatureStore],
])('a flag source on %s', (_name, createStore) => {
  let store: StoreUnderTest;
  let sources: PolledFlagSource[];

  beforeEach(async () => {
    store = await createStore();
    sources = [];
  });

  afterEach(async () => {
    for (const source of sources) source.close();
    await store.close();
  });

  async function open(): Promise<PolledFlagSource> {
    const source = store.open();
    sources.push(source);
    await source.firstPoll;
    return source;
  }

  async function openWith(flags: Parameters<StoreUnderTest['publish']>[0]): Promise<PolledFlagSource> {
    await store.publish(flags);
    return open();
  }

  it('starts with the defaults and reports why when the store is empty', async () => {
    const source = await open();
    const { document, revision, ageSeconds, stale, problem } = source.snapshot();
    expect(document).toEqual(DEFAULT_FLAG_DOCUMENT);
    expect({ revision, ageSeconds, stale }).toEqual({ revision: null, ageSeconds: null, stale: true });
    expect(problem).toBeTypeOf('string');
    expect(source.refreshes()).toEqual({ updated: 0, unchanged: 0, refused: 0, failed: 1 });
  });

  it('reads a document that appears later', async () => {
    const source = await open();
    await store.publish(QUARTER);
    await until(() => source.snapshot().revision === '7');
    expect(source.snapshot()).toMatchObject({ document: { issuance: { percent: 25 } }, stale: false });
    expect(source.snapshot().problem).toBeUndefined();
  });

  it('has the document after its first poll', async () => {
    const source = await openWith(QUARTER);
    expect(source.snapshot()).toMatchObject({
      document: { acceptance: 'both', issuance: { percent: 25 } },
      revision: '7',
    });
    expect(source.snapshot().ageSeconds).toBeLessThan(5);
    expect(source.refreshes()).toEqual({ updated: 1, unchanged: 0, refused: 0, failed: 0 });
  });

  it('sees each change of either switch and notifies its subscribers once', async () => {
    const source = await openWith(QUARTER);
    const notified: FlagSnapshot[] = [];
    const unsubscribe = source.subscribe((snapshot) => notified.push(snapshot));
    await store.publish(HALF);
    await until(() => source.snapshot().document.issuance.percent === 50);
    await until(() => source.refreshes().unchanged > 0);
    unsubscribe();
    await store.publish(CLOSED);
    await until(() => source.snapshot().document.acceptance === 'target');
    expect(notified.map(({ revision }) => revision)).toEqual(['8']);
    expect(source.snapshot().document.issuance).toMatchObject({ enabled: true, percent: 100, revision: '9' });
  });

  it('keeps the last good document through garbage and reports the problem until a good one arrives', async () => {
    const source = await openWith(QUARTER);
    await store.publishGarbage();
    await until(() => source.refreshes().refused > 0);
    const { document, problem } = source.snapshot();
    expect(document.issuance.percent).toBe(25);
    expect(problem).toMatch(/refused/);
    const { refused } = source.refreshes();
    await until(() => source.refreshes().refused > refused);
    expect(source.snapshot()).toMatchObject({ problem, document: { issuance: { percent: 25 } } });
    await store.publish(HALF);
    await until(() => source.snapshot().problem === undefined);
    expect(source.snapshot().document.issuance.percent).toBe(50);
  });

  it('clears the problem when the last good document returns', async () => {
    const source = await openWith(QUARTER);
    await store.publishGarbage();
    await until(() => source.snapshot().problem !== undefined);
    await store.publish(QUARTER);
    await until(() => source.snapshot().problem === undefined);
    expect(source.refreshes().updated).toBe(1);
  });

  it('refuses a whole document with one unreadable switch', async () => {
    const source = await openWith(QUARTER);
    await store.publish(IMPOSSIBLE);
    await until(() => source.refreshes().refused > 0);
    expect(source.snapshot().document).toMatchObject({ acceptance: 'both', issuance: { percent: 25 } });
    expect(source.snapshot().problem).toMatch(/issue-target\.percent/);
    expect(source.snapshot().problem).not.toMatch(/150/);
  });

  it('keeps the last good document through an outage, and recovers', async () => {
    const source = await openWith(CLOSED);
    await store.breakDown();
    await until(() => source.refreshes().failed > 1);
    expect(source.snapshot()).toMatchObject({ document: { acceptance: 'target' }, revision: '9' });
    expect(source.snapshot().problem).toBeTypeOf('string');
    await store.repair();
    await until(() => source.snapshot().problem === undefined);
    await store.publish(HALF);
    await until(() => source.snapshot().document.acceptance === 'both');
  });

  it('notifies other subscribers when one throws', async () => {
    const source = await openWith(QUARTER);
    const notified: FlagSnapshot[] = [];
    source.subscribe(() => {
      throw new Error('a bug in the subscriber');
    });
    source.subscribe((snapshot) => notified.push(snapshot));
    await store.publish(HALF);
    await until(() => notified.length === 1);
    await store.publish(CLOSED);
    await until(() => notified.length === 2);
  });

  it('stops polling once closed and keeps its last snapshot', async () => {
    const source = await openWith(QUARTER);
    source.close();
    const polls = source.refreshes();
    const other = await openWith(HALF);
    await until(() => other.refreshes().unchanged > 0);
    expect(source.snapshot()).toMatchObject({ document: { issuance: { percent: 25 } }, revision: '7' });
    expect(source.refreshes()).toEqual(polls);
  });

  it('can be closed before its first poll has ended', async () => {
    await store.publish(QUARTER);
    const source = store.open();
    source.close();
    await source.firstPoll;
    expect(source.snapshot().document).toEqual(DEFAULT_FLAG_DOCUMENT);
    expect(source.refreshes()).toEqual({ updated: 0, unchanged: 0, refused: 0, failed: 0 });
  });
});

function until(condition: () => boolean): Promise<void> {
  return vi.waitFor(() => expect(condition()).toBe(true), { timeout: 15_000, interval: 10 });
}
