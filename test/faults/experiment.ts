import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import type { PolledFlagSource } from '@crossfade/flags/file';
import { expect, vi } from 'vitest';
import { type CreateFaultyStore, STORE_FAULTS, type StoreFault } from './faulty-store.ts';
import { createRequestPath, type RequestPath, type Tally } from './request-path.ts';

export const FAULTS = [...STORE_FAULTS, 'flapping', '24 h down', 'restart offline'] as const;
export type Fault = (typeof FAULTS)[number];

/** In each experiment: the nine faults of a source see more than 100,000. */
export const SELECTIONS = 12_000;

/** Neither switch stands where it would without a document. */
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

/** One source under one fault: what requests met from the fault's first moment until the source was well again. */
export async function experiment(createStore: CreateFaultyStore, fault: Fault): Promise<Tally> {
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
    await vi.waitFor(() => expect(isWell(source)).toBe(true), { timeout: PATIENCE_MS, interval: 20 });
    let path = createRequestPath(source, POSITION);
    if (fault === 'flapping') {
      for (const flap of FLAPS) {
        await store.inflict(flap);
        await until(path, () => !isWell(source));
        await store.repair();
        await until(path, () => isWell(source));
        await run(path, SELECTIONS / FLAPS.length);
      }
      return path.tally();
    }
    await store.inflict(isStoreFault(fault) ? fault : 'down');
    if (fault === 'restart offline') {
      source.close();
      source = await open();
      path = createRequestPath(source, POSITION);
    } else {
      await looks(source, path, fault === '24 h down' ? 1 : 2);
    }
    if (fault === '24 h down') {
      for (let hour = 1; hour <= 24; hour += 1) {
        advance(HOUR_MS);
        await run(path, SELECTIONS / 24);
      }
      await looks(source, path, 1);
    } else {
      await run(path, SELECTIONS);
      advance(MINUTE_MS);
      await run(path, 100);
    }
    await store.repair();
    await store.publish(RENEWED);
    await until(path, () => source.snapshot().revision === '8' && isWell(source));
    return path.tally();
  } finally {
    for (const source of sources) source.close();
    await store.close();
    await rm(cacheDirectory, { recursive: true });
  }
}

function isStoreFault(fault: Fault): fault is StoreFault {
  return STORE_FAULTS.some((known) => known === fault);
}

function isWell(source: PolledFlagSource): boolean {
  const { problem, stale } = source.snapshot();
  return problem === undefined && !stale;
}

/** Waits until so many more looks have ended, well or badly. */
async function looks(source: PolledFlagSource, path: RequestPath, count: number): Promise<void> {
  const ended = () => Object.values(source.refreshes()).reduce((sum, looked) => sum + looked, 0);
  const before = ended();
  await until(path, () => ended() >= before + count);
}

let line: Promise<void> = Promise.resolve();

/** One chunk in each turn of the event loop, of all experiments together: the stores must come to answer. */
async function run(path: RequestPath, selections: number): Promise<void> {
  for (let left = selections; left > 0; left -= CHUNK) {
    line = line.then(() => nextTurn());
    await line;
    path.run(Math.min(CHUNK, left));
  }
}

/** Lets requests through while it waits. */
async function until(path: RequestPath, condition: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error('what the experiment waits for does not come');
    path.run(5);
    await delay(20);
  }
}
