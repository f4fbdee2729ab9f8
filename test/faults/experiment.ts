import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import type { PolledFlagSource } from '@crossfade/flags/file';
import { expect, vi } from 'vitest';
import { type CreateFaultyStore, STORE_FAULTS, type StoreFault } from './faulty-store.ts';
import { createRequestPath, type RequestCounts, type RequestPath } from './request-path.ts';

export const FAULTS = [...STORE_FAULTS, 'flapping', '24 h down', 'restart offline'] as const;
export type Fault = (typeof FAULTS)[number];

/** Per experiment: together the nine faults of a source exceed 100,000. */
export const SELECTIONS = 12_000;

/** Neither switch is at its default. */
export const POSITION = { percent: 37.5, acceptance: 'target' } as const;
const FLAGS = {
  'issue-target': { enabled: true, percent: POSITION.percent, revision: '7' },
  'accept-legacy': { enabled: false },
};
const RENEWED = { ...FLAGS, 'issue-target': { ...FLAGS['issue-target'], revision: '8' } };
const FLAPS: readonly StoreFault[] = ['down', 'html', 'slow'];
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const CHUNK = 200;
const PATIENCE_MS = 60_000;

/** Runs one source under one fault and counts what requests met from the start of the fault until the source recovered. */
export async function experiment(createStore: CreateFaultyStore, fault: Fault): Promise<RequestCounts> {
  let aheadMs = 0;
  const store = await createStore(() => Date.now() + aheadMs);
  const cacheDirectory = await mkdtemp(join(tmpdir(), 'crossfade-faults-'));
  const sources: PolledFlagSource[] = [];

  async function open(): Promise<PolledFlagSource> {
    const source = store.open(cacheDirectory);
    sources.push(source);
    await source.firstPoll;
    return source;
  }

  function advance(durationMs: number): void {
    aheadMs += durationMs;
    store.advance(durationMs);
  }

  try {
    await store.publish(FLAGS);
    let source = await open();
    await vi.waitFor(() => expect(isHealthy(source)).toBe(true), { timeout: PATIENCE_MS, interval: 20 });
    let path = createRequestPath(source, POSITION);
    if (fault === 'flapping') {
      for (const flap of FLAPS) {
        await store.inflict(flap);
        await until(path, () => !isHealthy(source));
        await store.repair();
        await until(path, () => isHealthy(source));
        await run(path, SELECTIONS / FLAPS.length);
      }
      return path.counts();
    }
    await store.inflict(isStoreFault(fault) ? fault : 'down');
    if (fault === 'restart offline') {
      source.close();
      source = await open();
      path = createRequestPath(source, POSITION);
    } else {
      await awaitPolls(source, path, fault === '24 h down' ? 1 : 2);
    }
    if (fault === '24 h down') {
      for (let hour = 1; hour <= 24; hour += 1) {
        advance(HOUR_MS);
        await run(path, SELECTIONS / 24);
      }
      await awaitPolls(source, path, 1);
    } else {
      await run(path, SELECTIONS);
      advance(MINUTE_MS);
      await run(path, 100);
    }
    await store.repair();
    await store.publish(RENEWED);
    await until(path, () => source.snapshot().revision === '8' && isHealthy(source));
    return path.counts();
  } finally {
    for (const source of sources) source.close();
    await store.close();
    await rm(cacheDirectory, { recursive: true });
  }
}

function isStoreFault(fault: Fault): fault is StoreFault {
  return STORE_FAULTS.some((known) => known === fault);
}

function isHealthy(source: PolledFlagSource): boolean {
  const { problem, stale } = source.snapshot();
  return problem === undefined && !stale;
}

/** Waits until `count` more polls have ended, successful or not. */
async function awaitPolls(source: PolledFlagSource, path: RequestPath, count: number): Promise<void> {
  const ended = () => Object.values(source.refreshes()).reduce((sum, polls) => sum + polls, 0);
  const before = ended();
  await until(path, () => ended() >= before + count);
}

let queue: Promise<void> = Promise.resolve();

/** Runs one chunk per turn of the event loop across all experiments, so that the stores can respond. */
async function run(path: RequestPath, selections: number): Promise<void> {
  for (let left = selections; left > 0; left -= CHUNK) {
    queue = queue.then(() => nextTurn());
    await queue;
    path.run(Math.min(CHUNK, left));
  }
}

/** Waits for a condition while requests go on. */
async function until(path: RequestPath, condition: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error('the experiment waited for a condition that did not occur');
    path.run(5);
    await delay(20);
  }
}
