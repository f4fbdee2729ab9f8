import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SidecarStatus } from '@crossfade/core/status';
import { createCollectorSender } from '@crossfade/validator/collector';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { startCuttingRelay } from '../fixture/cutting-relay.ts';
import { ACCEPTED } from '../fixture/judgement.ts';
import { freePort } from '../fixture/listening.ts';
import { startSendingProcess } from '../fixture/sending-process.ts';
import { readStatus } from '../fixture/testbed.ts';

const BIN = resolve(import.meta.dirname, '../../bin/crossfade-sidecar.js');
/** `CROSSFADE_COLLECTED_RECORDS=1000000` for a longer run. */
const RECORDS = Number(process.env['CROSSFADE_COLLECTED_RECORDS'] ?? 120_000);
const PROCESSES = 3;
const validator = { acceptance: () => 'both' as const };

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'collecting-'));
  await writeFile(join(directory, 'flags.json'), '{}');
});
afterAll(() => rm(directory, { recursive: true }));

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

/** Starts the collector program. */
async function startCollector({ admin = '127.0.0.1:0', listen = '127.0.0.1:8080' } = {}) {
  const idp = { issuer: 'https://idp.example.com' };
  const plan = {
    version: 1,
    clients: [],
    migration: 'orders-2026',
    legacy: { ...idp, audience: 'default-api' },
    target: { ...idp, audience: 'https://api.example.com/orders' },
    flags: { source: 'file', path: join(directory, 'flags.json') },
    sidecar: { service: 'orders-api', mode: 'collect', admin, listen },
  };
  const config = join(directory, 'crossfade.yaml');
  await writeFile(config, JSON.stringify(plan));
  const child = spawn(process.execPath, [BIN, '--config', config], { stdio: ['ignore', 'pipe', 'inherit'] });
  cleanups.push(() => end(child, 'SIGKILL'));
  const lines: Record<string, unknown>[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts.map((line) => JSON.parse(line)));
  });
  const find = (event: string) => lines.find((line) => line['event'] === event);
  await vi.waitFor(() => expect(find('listening')).toBeDefined(), { timeout: 45_000 });
  return {
    child,
    adminUrl: String(find('listening')?.['admin']),
    find,
    finalStatus: () => find('final_counts')?.['status'] as SidecarStatus | undefined,
  };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill(signal);
  await closed;
}

function countedIn(status: SidecarStatus | undefined): Record<string, number> {
  const { legacy, target, invalid } = status?.audiences ?? {};
  return {
    legacy: legacy?.accepted ?? 0,
    target: target?.accepted ?? 0,
    invalid: invalid?.rejected ?? 0,
    unavailable: status?.unavailable ?? 0,
  };
}

test('counts exactly what several processes recorded, although every third response is lost', async () => {
  const collector = await startCollector();
  const relay = await startCuttingRelay(collector.adminUrl, 3);
  cleanups.push(() => relay.close());
  const each = Math.ceil(RECORDS / PROCESSES / 4) * 4;
  const startMs = performance.now();
  const senders = Array.from({ length: PROCESSES }, () =>
    startSendingProcess({ records: each, url: relay.url, intervalMs: 10 }),
  );
  for (const { child } of senders) cleanups.push(() => end(child, 'SIGKILL'));
  await Promise.all(senders.map(({ recorded }) => recorded));
  const ends = await Promise.all(senders.map((sender) => sender.end()));
  expect(ends).toEqual(ends.map(() => expect.objectContaining({ delivered: true, counted: each, lost: 0 })));

  const status = await readStatus(collector);
  const total = PROCESSES * each;
  expect(countedIn(status)).toEqual({ legacy: total / 2, target: total / 4, invalid: total / 4, unavailable: 0 });
  expect(relay.cuts()).toBeGreaterThan(PROCESSES);
  expect(status.collector?.batches['duplicate']).toBe(relay.cuts());
  expect(status.collector?.senders.map(({ state, counted }) => [state, counted])).toEqual(
    ends.map(() => ['closed', each]),
  );
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  process.stdout.write(
    `counted ${total} records of ${PROCESSES} processes in ${seconds} s; ${status.collector?.batches['counted']} batches, ${relay.cuts()} delivered twice\n`,
  );
}, 180_000);

test('a rolling restart neither loses a record nor counts one twice', async () => {
  const admin = `127.0.0.1:${await freePort()}`;
  const first = await startCollector({ admin });
  const sender = createCollectorSender({ url: first.adminUrl, validator, intervalMs: 10, closeTimeoutMs: 20_000 });
  cleanups.push(() => sender.close());
  const work = { recorded: 0, continues: true };
  const working = (async () => {
    while (work.continues) {
      for (let n = 0; n < 100; n += 1) sender.record(ACCEPTED);
      work.recorded += 100;
      await sleep(1);
    }
  })();
  await vi.waitFor(() => expect(sender.status().counted).toBeGreaterThan(1000), { timeout: 45_000 });
  await end(first.child, 'SIGTERM');
  const second = await startCollector({ admin });
  work.continues = false;
  await working;
  expect(await sender.close()).toBe(true);
  const [before, after] = [countedIn(first.finalStatus()), countedIn(await readStatus(second))];
  expect(Number(before['legacy']) + Number(after['legacy'])).toBe(work.recorded);
  expect(after['legacy']).toBeGreaterThan(0);
}, 180_000);

test('after kill -9 the counts begin at 0, at a Unix socket too, with the records that were not counted before', async () => {
  const path = join(directory, 'judgements.sock');
  const first = await startCollector({ listen: `unix:${path}` });
  const sender = createCollectorSender({ socketPath: path, validator, intervalMs: 50 });
  cleanups.push(() => sender.close());
  for (let n = 0; n < 1000; n += 1) sender.record(ACCEPTED);
  await vi.waitFor(() => expect(sender.status().counted).toBe(1000), { timeout: 20_000 });
  await end(first.child, 'SIGKILL');
  for (let n = 0; n < 500; n += 1) sender.record(ACCEPTED);
  expect(await sender.flush()).toBe(false);
  expect(sender.status()).toMatchObject({ pending: 500, lost: 0 });
  const second = await startCollector({ listen: `unix:${path}` });
  await vi.waitFor(() => expect(sender.status().counted).toBe(1500), { timeout: 45_000 });
  expect((await readStatus(second)).audiences.legacy.accepted).toBe(500);
}, 180_000);
