import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test, vi } from 'vitest';
import { type CollectorSenderOptions, createCollectorSender } from '../../src/collector.ts';
import { EXPIRED, LEGACY, rejectedOf, TARGET } from './judgements.ts';
import { type RecordingCollector, startRecordingCollector } from './recording-collector.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

/** Generous, because a busy machine is slow. */
const SOON = { timeout: 20_000 };
const validator = { acceptance: () => 'both' as const };

function send(url: string, options: Partial<CollectorSenderOptions> = {}) {
  const sender = createCollectorSender({ url, validator, intervalMs: 20, closeTimeoutMs: 200, ...options });
  cleanups.push(() => sender.close());
  return sender;
}

async function start(port?: number): Promise<RecordingCollector> {
  const collector = await startRecordingCollector(port);
  cleanups.push(() => collector.close());
  return collector;
}

const countIn = ({ batches }: RecordingCollector) =>
  batches.flatMap(({ records }) => records).reduce((sum, record) => sum + ('count' in record ? record.count : 0), 0);

test('sends an empty batch at once, then the records, and a closing batch', async () => {
  const collector = await start();
  const sender = send(collector.url, { name: 'api-1' });
  await vi.waitFor(() => expect(collector.batches).toMatchObject([{ head: { sequence: 1, name: 'api-1' } }]), SOON);
  for (let n = 0; n < 1000; n += 1) sender.record(LEGACY);
  sender.record(TARGET, { status: 401, durationSeconds: 0.001 });
  sender.recordResponse(TARGET, 401);
  sender.recordResponse(TARGET, 200);
  sender.record(EXPIRED, { status: 401 });
  sender.recordUnavailable();
  expect(sender.status()).toMatchObject({ pending: 1003, lost: 0 });
  expect(await sender.flush()).toBe(true);
  expect(sender.status()).toMatchObject({ counted: 1003, pending: 0, lost: 0 });
  const records = collector.batches.flatMap((batch) => batch.records);
  expect(records).toMatchObject([
    { kind: 'accepted', audience: 'legacy', count: 1000, clientId: 'web-app' },
    { kind: 'accepted', audience: 'target', count: 1 },
    { kind: 'unauthorized', audience: 'target', count: 2 },
    { kind: 'rejected', reason: 'expired', count: 1 },
    { kind: 'response', audience: 'target', response: 'accepted', count: 1 },
    { kind: 'response', audience: 'target', response: 'unauthorized', count: 2 },
    { kind: 'unavailable', count: 1 },
    { kind: 'durations', outcome: 'accepted' },
  ]);
  expect(await sender.close()).toBe(true);
  expect(collector.batches.at(-1)).toMatchObject({ head: { closing: true } });
  const sequences = collector.batches.map(({ head }) => head.sequence);
  expect(sequences).toEqual(sequences.map((_, index) => index + 1));
});

test('compares a judgement with the response of the API, whichever way it is told', async () => {
  const collector = await start();
  const sender = send(collector.url);
  const bridge = { ...LEGACY, audience: 'bridge' } as const;
  const closed = { outcome: 'rejected', audience: 'legacy', reason: 'legacy_closed' } as const;
  const none = { outcome: 'rejected', audience: 'none', reason: 'missing_token' } as const;
  sender.record(EXPIRED, { status: 200 });
  sender.record(closed, { status: 401 });
  sender.record(LEGACY, { status: 302 });
  sender.record(none, { status: 200 });
  sender.record(bridge, { status: 200 });
  sender.record(TARGET, { status: 200, grpcStatus: 16 });
  sender.record(EXPIRED, { status: 200, grpcStatus: 5 });
  sender.recordResponse(EXPIRED, 204);
  sender.recordResponse(EXPIRED, 200, 0);
  sender.recordResponse(EXPIRED, 503);
  sender.recordResponse({ audience: 'legacy' }, 200);
  expect(await sender.flush()).toBe(true);
  const records = collector.batches.flatMap((batch) => batch.records);
  const { count: disagreements } = records.find(({ kind }) => kind === 'disagreement') as { count: number };
  expect(disagreements).toBe(3);
  expect(records.filter(({ kind }) => kind === 'response' || kind === 'unauthorized')).toMatchObject([
    { kind: 'unauthorized', audience: 'target', count: 1 },
    { audience: 'legacy', response: 'accepted', count: 1 },
    { audience: 'legacy', response: 'unauthorized', count: 1 },
    { audience: 'target', response: 'unauthorized', count: 1 },
  ]);
});

test('retries a batch with the same sequence number when the response is lost', async () => {
  const collector = await start();
  let failures = 3;
  collector.respond = (response) => {
    failures -= 1;
    if (failures >= 0) response.destroy();
    else response.end();
  };
  const sender = send(collector.url);
  sender.record(LEGACY);
  await vi.waitFor(() => expect(sender.status().counted).toBe(1), SOON);
  expect(collector.batches.slice(0, 4).map(({ head }) => head.sequence)).toEqual([1, 1, 1, 1]);
  for (const { records } of collector.batches.slice(0, 4)) expect(records).toMatchObject([{ count: 1 }]);
}, 60_000);

test('keeps all records while the collector is down, and delivers them later', async () => {
  const stopped = await startRecordingCollector();
  await stopped.close();
  const sender = send(stopped.url);
  expect(await sender.flush()).toBe(true);
  for (let n = 0; n < 5000; n += 1) sender.record(n % 2 === 0 ? LEGACY : EXPIRED);
  expect(await sender.flush()).toBe(false);
  expect(sender.status()).toMatchObject({ pending: 5000, problem: expect.stringContaining('ECONNREFUSED') });
  const collector = await start(stopped.port);
  await vi.waitFor(() => expect(sender.status()).toMatchObject({ counted: 5000, pending: 0 }), SOON);
  expect(countIn(collector)).toBe(5000);
  expect(sender.status().problem).toBeUndefined();
}, 60_000);

test('drops a refused batch, and reports it', async () => {
  const collector = await start();
  collector.respond = (response) => response.writeHead(400).end();
  const sender = send(collector.url);
  sender.record(LEGACY);
  expect(await sender.flush()).toBe(false);
  expect(sender.status()).toMatchObject({ lost: 1, pending: 0, problem: 'the collector answered 400' });
  collector.respond = (response) => response.end();
  sender.record(LEGACY);
  await vi.waitFor(() => expect(sender.status().counted).toBe(1), SOON);
  expect(collector.batches.some(({ head }) => head.lost === 1)).toBe(true);
  expect(await sender.close()).toBe(false);
});

test('drops after 10 minutes only a batch that may have been counted', async () => {
  const collector = await start();
  collector.respond = (response) => response.writeHead(503).end();
  vi.useFakeTimers({ toFake: ['performance'] });
  const sender = send(collector.url, { intervalMs: 10_000 });
  const retryWith = async (respond: RecordingCollector['respond']) => {
    collector.respond = respond;
    await sender.flush();
    vi.advanceTimersByTime(601_000);
    await sender.flush();
    return sender.status();
  };
  sender.record(LEGACY);
  expect(await retryWith((response) => response.writeHead(503).end())).toMatchObject({ pending: 1, lost: 0 });
  expect(await retryWith((response) => response.destroy())).toMatchObject({ pending: 0, lost: 1 });
});

test('closes in time without a response, and reports that not all was delivered', async () => {
  const collector = await start();
  collector.respond = () => {};
  const sender = send(collector.url);
  sender.record(LEGACY);
  await vi.waitFor(() => expect(collector.batches.length).toBeGreaterThan(0), SOON);
  const startMs = performance.now();
  expect(await sender.close()).toBe(false);
  expect(performance.now() - startMs).toBeLessThan(4_000);
  sender.record(LEGACY);
  expect(await sender.flush()).toBe(false);
  expect(sender.status().pending).toBe(2);
});

test('sends a heartbeat every few seconds', async () => {
  const collector = await start();
  vi.useFakeTimers({ toFake: ['performance'] });
  send(collector.url);
  await vi.waitFor(() => expect(collector.batches).toHaveLength(1), SOON);
  vi.advanceTimersByTime(5_100);
  await vi.waitFor(() => expect(collector.batches).toHaveLength(2), SOON);
  expect(collector.batches[1]?.records).toEqual([]);
});

test('keeps no process alive, neither idle nor while it waits for a response', async () => {
  const collector = await start();
  collector.respond = () => {};
  const program = `
    import { createCollectorSender } from ${JSON.stringify(resolve(import.meta.dirname, '../../dist/collector.js'))};
    const sender = createCollectorSender({ url: ${JSON.stringify(collector.url)}, validator: { acceptance: () => 'both' } });
    sender.record(${JSON.stringify(LEGACY)});
    setTimeout(() => process.stdout.write('ended'), 100);
  `;
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], SOON);
  expect((await run).stdout).toBe('ended');
  expect(collector.batches).toHaveLength(1);
}, 60_000);

test('says a batch again in older words to a collector that refuses it for a brownout, and loses nothing', async () => {
  const collector = await start();
  collector.respond = (response, { records }) => {
    const isUnknown = records.some((record) => 'reason' in record && record.reason === 'brownout');
    response.writeHead(isUnknown ? 400 : 200).end();
  };
  const sender = send(collector.url);
  sender.record(LEGACY);
  sender.record(rejectedOf('legacy', 'brownout'));
  expect(await sender.flush()).toBe(true);
  expect(sender.status()).toMatchObject({ counted: 2, pending: 0, lost: 0 });
  expect(collector.batches.at(-1)?.records).toMatchObject([
    { kind: 'accepted', audience: 'legacy' },
    { kind: 'rejected', audience: 'legacy', reason: 'legacy_closed' },
  ]);
  const [first, second] = collector.batches.filter(({ records }) => records.length > 0);
  expect(second?.head.sequence).toBe(first?.head.sequence);
});
