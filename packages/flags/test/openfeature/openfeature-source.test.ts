import { ConfigError, DEFAULT_FLAG_DOCUMENT } from '@crossfade/core';
import { OpenFeature, ProviderEvents } from '@openfeature/server-sdk';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createOpenFeatureSource, type OpenFeatureSourceOptions } from '../../src/openfeature/openfeature-source.ts';
import { type Flags, openControlledClient } from '../fixture/open-feature-client.ts';
import { temporaryFolder } from '../fixture/temporary-folder.ts';

const CLOSED: Flags = {
  'issue-target': { enabled: true, percent: 75, revision: '9', since: '2026-05-04T10:00:00Z' },
  'accept-legacy': { enabled: false },
  'dash-beta': true,
  'dash-public': { enabled: false },
};
const OPEN: Flags = { 'issue-target': false, 'accept-legacy': true };

async function open(flags: Flags, options: Partial<OpenFeatureSourceOptions> = {}) {
  const controlled = await openControlledClient(flags);
  const source = createOpenFeatureSource({ client: controlled.client, pollIntervalMs: 60_000, ...options });
  onTestFinished(() => source.close());
  await source.firstPoll;
  return { controlled, source };
}

it('reads the switches from objects in the shape of the document', async () => {
  const { source } = await open(CLOSED);
  expect(source.snapshot()).toMatchObject({ revision: '9', stale: false });
  expect(source.snapshot().document).toMatchObject({
    acceptance: 'target',
    issuance: { enabled: true, percent: 75, revision: '9', sinceMs: Date.parse('2026-05-04T10:00:00Z') },
  });
});

it('reads the switches from booleans, a number and flag metadata', async () => {
  const { controlled, source } = await open({
    'issue-target': true,
    'issue-target-percent': 12.5,
    'accept-legacy': false,
  });
  expect(source.snapshot().document).toMatchObject({
    acceptance: 'target',
    issuance: { enabled: true, percent: 12.5, revision: null },
  });
  controlled.metadata = { revision: '10', since: '2026-05-04T10:00:00Z' };
  controlled.announce({ 'issue-target': true });
  await vi.waitFor(() => expect(source.snapshot().revision).toBe('10'));
  expect(source.snapshot().document.issuance).toMatchObject({ percent: 100, sinceMs: 1_777_888_800_000 });
});

it('reads the named features from booleans and objects', async () => {
  const { source } = await open(CLOSED, { features: ['dash-beta', 'dash-public', 'missing', 'issue-target'] });
  expect([...source.snapshot().document.features]).toEqual([
    ['dash-beta', true],
    ['dash-public', false],
  ]);
});

it.each([
  ['issue-target', { 'accept-legacy': false }, 'target', false],
  ['accept-legacy', { 'issue-target': true }, 'both', true],
] as const)('treats an absent %s as its safe default', async (_name, flags, acceptance, enabled) => {
  const { source } = await open(flags);
  expect(source.snapshot().document).toMatchObject({ acceptance, issuance: { enabled } });
  expect(source.snapshot().problem).toBeUndefined();
});

it('evaluates again at an event, not at each request', async () => {
  const { controlled, source } = await open(OPEN);
  for (let read = 0; read < 1000; read += 1) source.snapshot();
  expect(source.refreshes()).toMatchObject({ updated: 1, unchanged: 0 });
  controlled.announce(CLOSED);
  await vi.waitFor(() => expect(source.snapshot().document.acceptance).toBe('target'));
});

it('evaluates at each interval for a provider without events', async () => {
  const { controlled, source } = await open(OPEN, { pollIntervalMs: 10 });
  controlled.flags = CLOSED;
  await vi.waitFor(() => expect(source.snapshot().document.acceptance).toBe('target'));
});

it.each([
  ['cannot evaluate', 'error', /^the OpenFeature provider could not evaluate .* \(GENERAL\)$/],
  ['returns defaults only', 'default', /has neither issue-target nor accept-legacy$/],
  ['hangs', 'hang', /did not respond in time$/],
] as const)('keeps the last good document when the provider %s', async (_name, fault, problem) => {
  const { controlled, source } = await open(CLOSED, { pollIntervalMs: 10, timeoutMs: 50 });
  controlled.fault = fault;
  await vi.waitFor(() => expect(source.snapshot().problem).toMatch(problem));
  expect(source.snapshot().document).toMatchObject({ acceptance: 'target', issuance: { percent: 75 } });
  controlled.fault = 'none';
  await vi.waitFor(() => expect(source.snapshot().problem).toBeUndefined());
});

it('keeps the last good document when the switches disappear', async () => {
  const { controlled, source } = await open(CLOSED);
  controlled.announce({});
  await vi.waitFor(() => expect(source.snapshot().problem).toMatch(/has neither/));
  expect(source.snapshot().document.acceptance).toBe('target');
});

it.each([
  ['a percentage out of range', { 'issue-target': { enabled: true, percent: 150 } }],
  ['an object that is not a flag', { 'issue-target': { percent: 50 } }],
  ['a number flag out of range', { 'issue-target': true, 'issue-target-percent': -1 }],
] as [string, Flags][])('refuses %s', async (_name, flags) => {
  const { source } = await open(flags);
  expect(source.refreshes()).toMatchObject({ refused: 1 });
  expect(source.snapshot()).toMatchObject({
    document: DEFAULT_FLAG_DOCUMENT,
    problem: expect.stringMatching(/refused/),
  });
});

it.each([
  [ProviderEvents.Stale, /^the OpenFeature provider is stale$/],
  [ProviderEvents.Error, /^the OpenFeature provider is in error$/],
] as const)('accepts no new document after %s until the provider is ready', async (event, problem) => {
  const { controlled, source } = await open(CLOSED);
  controlled.flags = OPEN;
  controlled.events.emit(event, {});
  await vi.waitFor(() => expect(source.snapshot().problem).toMatch(problem));
  expect(source.snapshot().document.acceptance).toBe('target');
  controlled.events.emit(ProviderEvents.Ready, {});
  await vi.waitFor(() => expect(source.snapshot()).toMatchObject({ document: { acceptance: 'both' }, stale: false }));
});

it('keeps its positions across a restart and prefers its cache over an unreliable provider', async () => {
  const cacheDirectory = temporaryFolder();
  const { controlled, source } = await open(CLOSED, { cacheDirectory, migration: 'orders-2026' });
  source.close();
  controlled.events.emit(ProviderEvents.Stale, {});
  controlled.flags = OPEN;
  const restart = async (migration: string) => {
    const restarted = createOpenFeatureSource({ client: controlled.client, cacheDirectory, migration });
    onTestFinished(() => restarted.close());
    await restarted.firstPoll;
    return restarted;
  };
  const restarted = await restart('orders-2026');
  expect(restarted.snapshot()).toMatchObject({ document: { acceptance: 'target' }, revision: '9', stale: true });
  expect(restarted.snapshot().problem).toMatch(/is stale; the flags come from the disk cache$/);
  expect((await restart('billing-2026')).snapshot().document.acceptance).toBe('both');
  controlled.events.emit(ProviderEvents.Ready, {});
  await vi.waitFor(() =>
    expect(restarted.snapshot()).toMatchObject({ document: { acceptance: 'both' }, stale: false }),
  );
});

it('waits for a client that has no provider yet', async () => {
  const { provider } = await openControlledClient(CLOSED);
  const source = createOpenFeatureSource({ client: OpenFeature.getClient('later'), pollIntervalMs: 60_000 });
  onTestFinished(() => source.close());
  await source.firstPoll;
  expect(source.snapshot()).toMatchObject({ document: DEFAULT_FLAG_DOCUMENT, problem: expect.any(String) });
  await OpenFeature.setProviderAndWait('later', provider);
  await vi.waitFor(() => expect(source.snapshot().document.acceptance).toBe('target'));
});

it('removes its event handlers when closed', async () => {
  const { controlled, source } = await open(OPEN);
  const handlers = () => controlled.client.getHandlers(ProviderEvents.ConfigurationChanged).length;
  expect(handlers()).toBe(1);
  source.close();
  expect(handlers()).toBe(0);
  controlled.announce(CLOSED);
  expect(source.refreshes().updated).toBe(1);
});

it('refuses a wrong option', async () => {
  const { client } = await openControlledClient({});
  expect(() => createOpenFeatureSource({ client, pollIntervalMs: 0 })).toThrow(ConfigError);
});
