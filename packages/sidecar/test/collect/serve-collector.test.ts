import { mkdtemp, rm, stat } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SidecarPlan } from '@crossfade/core';
import type { StragglerList } from '@crossfade/core/status';
import { createCollectorSender } from '@crossfade/validator/collector';
import { afterEach, expect, test, vi } from 'vitest';
import { readDrainOutlook } from '../../src/admin/drain-outlook.ts';
import { serveCollector } from '../../src/collect/serve-collector.ts';
import { SILENT_LOG } from '../../src/process/log.ts';
import { batchText, LEGACY_RECORD, SENDER } from '../fixture/batch.ts';
import { createSettableFlags } from '../fixture/flags.ts';
import { ACCEPTED, rejectedOf } from '../fixture/judgement.ts';
import { createRecordingLog } from '../fixture/log.ts';
import { planOf, readStatus } from '../fixture/testbed.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function serve(change: Partial<SidecarPlan> = {}, log = SILENT_LOG) {
  const places = { issuer: 'http://127.0.0.1:9', upstream: 'http://127.0.0.1:9', flags: './flags.json' };
  const plan = planOf(places, { mode: 'collect', ...change });
  const { sidecar: settings } = plan;
  if (settings === undefined) throw new Error('the plan has a sidecar section');
  const clock = { aheadMs: 0 };
  const now = () => Date.now() + clock.aheadMs;
  const collector = await serveCollector({ plan, settings, flags: createSettableFlags(), log, now, environment: {} });
  cleanups.push(() => collector.close());
  return { ...collector, clock, plan };
}

async function post(adminUrl: string, body: string): Promise<number> {
  const headers = { 'content-type': 'application/x-ndjson' };
  return (await fetch(`${adminUrl}/judgements`, { method: 'POST', body, headers })).status;
}

test('shows what other processes judged in status, stragglers and metrics', async () => {
  const { adminUrl, dataUrl } = await serve();
  expect(dataUrl).toBe('');
  expect(await post(adminUrl, batchText({ name: 'api-1' }, LEGACY_RECORD))).toBe(200);
  expect(await post(adminUrl, batchText({ name: 'api-1' }, LEGACY_RECORD))).toBe(200);
  expect(await readStatus({ adminUrl })).toMatchObject({
    acceptance: 'both',
    shown: { legacy: true, target: true },
    audiences: { legacy: { accepted: 12, latestIssuedAt: '1970-01-01T00:16:40.000Z' } },
    afterClose: { rejected: 12 },
    lastUnavailableAt: null,
    collector: {
      watching: true,
      batches: { counted: 1, duplicate: 1 },
      senders: [{ sender: SENDER, name: 'api-1', state: 'live', acceptance: 'both', counted: 12, lost: 0 }],
    },
  });
  const stragglers = await (await fetch(`${adminUrl}/stragglers`)).json();
  expect(stragglers).toMatchObject({ clients: [{ clientId: 'web-app', accepted: 12 }] });
  const metrics = await (await fetch(`${adminUrl}/metrics`)).text();
  for (const [name, value] of [
    ['crossfade_requests_total{audience="legacy",outcome="accepted"', 12],
    ['crossfade_accepts{audience="legacy"', 1],
    ['crossfade_collector_watches{', 1],
    ['crossfade_collector_senders{state="live"', 1],
    ['crossfade_collector_batches_total{result="duplicate"', 1],
  ] as const) {
    expect(metrics.split('\n').find((line) => line.startsWith(name))).toMatch(new RegExp(` ${value}$`));
  }
});

test('reports a gap while a process that reported is silent, so that the gate does not pass', async () => {
  const { adminUrl, clock, plan } = await serve();
  await post(adminUrl, batchText({ acceptance: 'target' }));
  expect(await readStatus({ adminUrl })).toMatchObject({
    acceptance: 'target',
    shown: { legacy: false, target: true },
  });
  clock.aheadMs = 40_000;
  const status = await readStatus({ adminUrl });
  expect(status).toMatchObject({ collector: { watching: false, senders: [{ state: 'silent' }] } });
  expect(Date.parse(status.lastUnavailableAt ?? '')).toBeGreaterThan(Date.now() + 39_000);
  // The gate asks for a watch without a gap.
  const { checks } = readDrainOutlook(status, plan, Date.parse(status.lastUnavailableAt ?? ''));
  expect(checks.find(({ name }) => name === 'watched')).toMatchObject({
    verdict: 'inconclusive',
    detail: expect.stringContaining('for at least 0ms; the window is 1d 1h'),
  });
  expect(await (await fetch(`${adminUrl}/metrics`)).text()).toMatch(/^crossfade_collector_watches\{.*\} 0$/m);
});

test('reports the flags as acceptance while no process reports', async () => {
  const { adminUrl } = await serve();
  expect(await readStatus({ adminUrl })).toMatchObject({ acceptance: 'legacy', shown: { legacy: null, target: null } });
  expect(await (await fetch(`${adminUrl}/metrics`)).text()).not.toMatch(/^crossfade_accepts\{/m);
});

test('receives judgements at the Unix socket alone when other machines reach the admin port', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'collector-'));
  cleanups.push(() => rm(folder, { recursive: true }));
  const path = join(folder, 'judgements.sock');
  const { adminUrl, dataUrl, close } = await serve({ admin: '0.0.0.0:0', listen: `unix:${path}` });
  expect(dataUrl).toBe(`unix:${path}`);
  expect(await post(adminUrl, batchText({}))).toBe(404);
  const sender = createCollectorSender({ socketPath: path, validator: { acceptance: () => 'both' } });
  sender.record(ACCEPTED);
  expect(await sender.close()).toBe(true);
  expect((await readStatus({ adminUrl })).audiences.legacy.accepted).toBe(1);
  await close();
  await expect(stat(path)).rejects.toThrow('ENOENT');
});

test('leaves the socket of a living process alone, and takes it over once that has ended', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'collector-'));
  cleanups.push(() => rm(folder, { recursive: true }));
  const listen = `unix:${join(folder, 'judgements.sock')}`;
  const first = await serve({ listen });
  await expect(serve({ listen })).rejects.toMatchObject({ problems: [{ path: 'sidecar.listen' }] });
  await first.close();
  const second = await serve({ listen });
  expect((await readStatus(second)).collector).toBeDefined();
});

test('counts no batch after its final counts', async () => {
  const log = createRecordingLog();
  const { adminUrl, close } = await serve({}, log);
  const sender = httpRequest(`${adminUrl}/judgements`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
  });
  const received = new Promise((resolve) => {
    sender.on('response', (response) => resolve(response.statusCode)).on('error', () => resolve('cut'));
  });
  sender.flushHeaders();
  await post(adminUrl, batchText({}, LEGACY_RECORD));
  const closing = close();
  expect(close()).toBe(closing);
  sender.end(batchText({ sequence: 2 }, LEGACY_RECORD));
  expect(await received).toBeOneOf([503, 'cut']);
  await closing;
  const [final] = log.lines.filter(({ fields }) => fields['event'] === 'final_counts');
  expect(final?.fields).toMatchObject({ status: { audiences: { legacy: { accepted: 12 } } } });
  await vi.waitFor(() => expect(post(adminUrl, batchText({}))).rejects.toThrow());
});

test('shows the legacy tokens that a process refused, and those that its API took all the same', async () => {
  const { adminUrl } = await serve();
  const sender = createCollectorSender({ url: adminUrl, validator: { acceptance: () => 'both' } });
  cleanups.push(() => sender.close());
  const nowSeconds = Math.floor(Date.now() / 1000);
  const times = { issuedAt: nowSeconds, expiresAt: nowSeconds + 600 };
  sender.record(rejectedOf('legacy', 'foreign_audience', { ...times, clientId: 'auth0' }), { status: 200 });
  sender.record(rejectedOf('legacy', 'wrong_type', { ...times, clientId: 'refused' }), { status: 401 });
  sender.record(rejectedOf('foreign', 'wrong_audience', { ...times, clientId: 'renamed' }), { status: 204 });
  sender.record({ outcome: 'rejected', audience: 'opaque', reason: 'malformed_token' }, { status: 200 });
  sender.record({ ...ACCEPTED, ...times, audience: 'bridge', clientId: 'mapper' }, { status: 200 });
  sender.record({ ...ACCEPTED, audience: 'target', afterClose: 'accepted' }, { status: 200 });
  expect(await sender.flush()).toBe(true);

  const status = await readStatus({ adminUrl });
  expect(status.disagreements).toEqual({
    reasons: { foreign_audience: 1, wrong_audience: 1, malformed_token: 1 },
    lastVerifiedAt: expect.any(String),
    lastUnverifiedAt: expect.any(String),
  });
  expect(status.apiResponses).toEqual({
    legacy: { acceptedAt: null, unauthorizedAt: null },
    target: { acceptedAt: expect.any(String), unauthorizedAt: null },
  });
  expect(status.audiences.legacy).toMatchObject({
    accepted: 0,
    rejected: 2,
    latestExpiryAt: new Date(times.expiresAt * 1000).toISOString(),
  });
  expect(status).not.toHaveProperty('foreignAudiences');
  const { clients } = (await (await fetch(`${adminUrl}/stragglers`)).json()) as StragglerList;
  expect(Object.fromEntries(clients.map(({ clientId, reasons }) => [clientId, reasons]))).toEqual({
    auth0: { foreign_audience: 1 },
    refused: { wrong_type: 1 },
    renamed: { wrong_audience: 1 },
    mapper: { after_close: 1 },
  });
});
